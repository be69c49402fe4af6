#!/usr/bin/env bash
# seal: made, imported, granted, disabled, listed, logged; and what is refused.
. "$(dirname "$0")/checks.sh"
export SEALPRESS_DATA=$work/data

expect 2 "say what to do" seal
expect 2 "say what to do" seal dance
expect 0 "Usage: sealpress seal new" seal --help
expect 0 "Usage: sealpress seal new" seal grant --help
lang=zh_CN.UTF-8 expect 0 "用法：sealpress seal new" seal --help
expect 1 "There are no seals" seal disable 0123456789abcdef
expect 1 "is it the data directory" seal list
expect 1 "is it the data directory" seal list --json

# A test seal: its picture shows 测试 however the office is called.
expect 0 "" seal new --owner 安徽省虚构人力资源和社会保障厅 --line 职称专用章 --key p256 --days 30
office=$(cat out)
holds "an id is printed" grep -qE '^[0-9a-f]{32}$' out
holds "the picture is SVG" grep -q '<svg' "data/seals/$office/picture.svg"
holds "the owner says 测试" grep -q '安徽省虚构人力资源和社会保障厅（测试）' "data/seals/$office/seal.json"
holds "the test root is trusted" [ -e data/trust/test-ca.pem ]
holds "keys/ is closed" [ "$(stat -c %a data/keys)" = 700 ]
holds "the chain verifies" openssl verify -CAfile data/trust/test-ca.pem "data/seals/$office/chain.pem"
holds "no key lies in seals/" [ -z "$(grep -rl 'PRIVATE KEY' data/seals data/trust)" ]
expect 0 "" seal new --owner 虚构县高级职称评审委员会（测试） --diameter 42 --key rsa3072 --color '#C00000'
committee=$(cat out)
holds "the colour is the one asked for" grep -qi '#C00000' "data/seals/$committee/picture.svg"
expect 0 "RSA-3072" seal list
for wrong in '--diameter 0' '--diameter x' '--key rsa1024' '--days 0' '--days 1x' '--days 99999' '--nonsense'; do
    # shellcheck disable=SC2086
    expect 2 "" seal new --owner 虚构单位公章测试 $wrong
done
expect 2 "--owner" seal new
expect 1 "" seal new --owner 短
expect 1 "" seal new --owner 虚构单位公章测试 --diameter 300
expect 1 "" seal new --owner 虚构单位公章测试 --color red

# Grants.
expect 0 "" seal grant "${office:0:8}" --to title --from 2026-01-01 --until 2026-12-31 --count 5
grant=$(cat out)
expect 0 "grant $grant  to title  from 2026-01-01 until 2026-12-31  used 0 of 5" seal list
expect 2 "--to" seal grant "$office"
expect 2 "--count" seal grant "$office" --to title --count 0
expect 1 "YYYY-MM-DD" seal grant "$office" --to title --from 1.1.2026
expect 1 "before it begins" seal grant "$office" --to title --from 2026-02-01 --until 2026-01-01
expect 1 "no seal" seal grant ffffffffffffffff --to title
expect 1 "no seal" seal grant "${office:0:5}" --to title
expect 0 "" seal revoke-grant "$grant"
expect 1 "no grant" seal revoke-grant "$grant"
expect 0 "" seal grant "$office" --to @grants --count 3
delegation=$(cat out)
expect 0 "grant $delegation  to @grants  from - until -  used 0 of 3" seal list
expect 0 "" seal revoke-grant "$delegation"
expect 1 "except @grants" seal grant "$office" --to @profile
expect 1 "control characters" seal grant "$office" --to $'a\nb'
expect 0 "--to @grants" seal --help
lang=zh_CN.UTF-8 expect 0 "--to @grants" seal --help

# State and warnings.
expect 0 "ends in 29 days" seal list
lang=zh_CN.UTF-8 expect 0 "证书链将在 29 天后到期" seal list
expect 0 "" seal disable "$office"
expect 0 "disabled" seal list
expect 0 "" seal enable "$office"
expect 0 '"warning": "ends-soon"' seal list --json
holds "the list is JSON" python3 -c 'import json; assert len(json.load(open("out"))["seals"]) == 2'

# Importing: an authority of a province, a middle one, a seal.
subject() { openssl req -new -key "$1.key" -subj "/C=CN/O=$2/CN=$2" -utf8 -out "$1.csr"; }
ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
for name in root middle leaf stranger; do ec $name; done
openssl req -x509 -key root.key -subj "/CN=Root" -days 900 -out root.pem -addext keyUsage=critical,keyCertSign
subject middle Middle
subject leaf 某省某厅
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' >ca.ext
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n' >seal.ext
openssl x509 -req -in middle.csr -CA root.pem -CAkey root.key -days 800 -extfile ca.ext -out middle.pem 2>/dev/null
openssl x509 -req -in leaf.csr -CA middle.pem -CAkey middle.key -days 700 -extfile seal.ext -out leaf.pem 2>/dev/null
cat leaf.pem middle.pem >chain.pem
import() { expect "$1" "$2" seal import --owner 某省某厅 --picture "data/seals/$office/picture.svg" "${@:3}"; }
import 1 "no root in" --chain chain.pem --key leaf.key
cat root.pem >>chain.pem
import 1 "$(openssl x509 -in root.pem -noout -fingerprint -sha256 | cut -d= -f2)" --chain chain.pem --key leaf.key
cp root.pem data/trust/province.pem
import 0 "" --chain chain.pem --key leaf.key --diameter 42
imported=$(cat out)
holds "the root is left out" [ "$(grep -c BEGIN "data/seals/$imported/chain.pem")" = 2 ]
expect 0 "42 mm" seal list
holds "the owner is who the certificate was issued to" [ "$(wc -w <<<"$imported")" = 1 ]
expect 0 "issued to another name" seal import --owner 别的单位 --picture "data/seals/$office/picture.svg" --chain chain.pem --key leaf.key
import 1 "does not belong" --chain chain.pem --key stranger.key
openssl pkey -in leaf.key -aes128 -passout pass:x -out locked.key
import 1 "openssl pkey" --chain chain.pem --key locked.key
import 1 "not issued by" --chain <(cat leaf.pem root.pem) --key leaf.key
import 1 "There is no file" --chain missing.pem --key leaf.key
import 2 "--chain" --key leaf.key
expect 1 "neither PNG nor SVG" seal import --owner 某省某厅 --picture "$SEALPRESS_SOURCE/CMakeLists.txt" --chain chain.pem --key leaf.key
expect 0 "" seal import --service --owner 某省职称系统 --chain chain.pem --key leaf.key
expect 1 "has a seal of its own" seal import --service --owner 某省职称系统 --chain chain.pem --key leaf.key

# init takes up what was imported before it: the service's own seal.
expect 0 "data directory made" init
expect 0 "no issuing profile" seal grant "$office" --to nobody
expect 0 '"service": true' seal list --json
holds "init made no other service seal" [ "$(grep -c '"service": true' out)" = 1 ]
holds "it is the imported one" grep -q 某省职称系统 out

# The log: nothing was sealed here yet.
expect 1 "nothing was sealed yet" seal log
checked
