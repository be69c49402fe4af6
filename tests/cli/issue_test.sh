#!/usr/bin/env bash
# issue: from order and photo to the sealed PDF, and everything it refuses before a number is given.
. "$(dirname "$0")/checks.sh"
photo=$SEALPRESS_SOURCE/samples/photo.jpg
sample=$SEALPRESS_SOURCE/samples/certificate.json

expect 1 "is no data directory" issue "$sample" --photo "$photo" -o x.pdf --data nowhere
"$sealpress" init --demo --data demo >/dev/null 2>&1 || { echo "init failed"; exit 1; }
export SEALPRESS_DATA=$work/demo

expect 0 "9342025000413000001" issue "$sample" --photo "$photo" -o one.pdf
grep -oE 'https://zs.example.cn/v/[A-Za-z0-9_-]{22,}' out >url
holds "the address bears an unguessable token" [ -s url ]
holds "two seals are told" [ "$(grep -c '^sealed by' out)" -eq 2 ]
holds "the output is the stored file" cmp one.pdf "demo/$(sed -n 's/^stored as *.*\(files.*\)/\1/p' out)"
holds "two signatures" [ "$(grep -ac 'ETSI.CAdES.detached' one.pdf)" -ge 2 ]
holds "300 KB at most" [ "$(stat -c %s one.pdf)" -le 307200 ]
holds "no temporary file stays" [ -z "$(find . -maxdepth 1 -name 'one.pdf.*')" ]

# The same order again is the first certificate; another content is refused.
expect 0 "issued before" issue "$sample" --photo "$photo" -o again.pdf
holds "byte for byte" cmp one.pdf again.pdf
order changed.json 'specialty="呼吸内科"'
expect 1 "/biz_no" issue changed.json --photo "$photo" -o x.pdf
cp "$photo" other.jpg && printf x >>other.jpg
expect 1 "" issue "$sample" --photo other.jpg -o x.pdf
expect 1 "/biz_no" issue "$sample" --photo "$photo" -o x.pdf --template certificate-portrait

# Everything wrong is told at once.
order bad.json 'biz_no="B-1"' 'gender="女"' 'level="高级"' 'issue_date="2026-02-30"' 'nmae="x"'
expect 1 "/gender" issue bad.json --photo "$photo" -o x.pdf
for field in /level /issue_date /nmae; do
    holds "$field is told too" grep -q "^sealpress: $field: " out
done
order escape.json 'biz_no="B-1"' 'gender="\u001b[31m男"'
expect 1 "/gender" issue escape.json --photo "$photo" -o x.pdf
holds "a terminal is not told anything" [ -z "$(tr -d '\n' <out | tr -cd '[:cntrl:]')" ]
order glyph.json 'biz_no="B-2"' 'name="龙\ue000"'
expect 1 "U+E000" issue glyph.json --photo "$photo" -o x.pdf
order glyph.json 'biz_no="B-2"' 'employer="龙\ud8a3\udffe公司"'
expect 1 "U+38FFE" issue glyph.json --photo "$photo" -o x.pdf
order long.json 'biz_no="B-3"' "name=\"$(printf '龙%.0s' {1..51})\""
expect 1 "/name" issue long.json --photo "$photo" -o x.pdf
order unknown.json 'biz_no="B-4"' 'profile="nobody"'
expect 1 "/profile" issue unknown.json --photo "$photo" -o x.pdf
expect 1 "There is no template" issue "$sample" --photo "$photo" -o x.pdf --template nothing
expect 1 "" issue "$sample" --photo "$sample" -o x.pdf
echo '{"profile":' >broken.json
expect 1 "Not valid JSON" issue broken.json --photo "$photo" -o x.pdf
head -c 100000 /dev/zero | tr '\0' ' ' >big.json
expect 1 "larger than" issue big.json --photo "$photo" -o x.pdf
expect 1 "There is no file" issue nothing.json --photo "$photo" -o x.pdf
expect 3 "Cannot write" issue "$sample" --photo "$photo" -o missing/x.pdf
expect 1 "is a directory" issue "$sample" --photo "$photo" -o .
lang=zh_CN.UTF-8 expect 1 "没有发证配置" issue unknown.json --photo "$photo" -o x.pdf
holds "a refused order leaves no file" [ ! -e x.pdf ]
holds "nor a temporary one" [ -z "$(find . -maxdepth 1 -name 'x.pdf*')" ]

# None of them took a number; · is put right; a replacement has its own kind of number.
order dot.json 'biz_no="C-1"' 'name="买买提•吐尔逊"' 'id_number="340000199006074537"' 'birth_date="1990-06-07"'
expect 0 "9342025000413000002" issue dot.json --photo "$photo" -o dot.pdf
holds "the change is told" grep -q "U+00B7" out
order again.json 'biz_no="C-2"' 'original_no="TD00001"' 'reissue_date="2026-03-02"'
expect 0 "YB9342025000413000001" issue again.json --photo "$photo" -o reissue.pdf

# Offices without e-seals.
order partly.json 'biz_no="D-1"' 'profile="demo-committee-only"'
expect 0 "no e-seal" issue partly.json --photo "$photo" -o partly.pdf
order none.json 'biz_no="D-2"' 'profile="demo-unsealed"'
expect 0 "signed by  the service itself" issue none.json --photo "$photo" -o none.pdf
expect 0 '"certificate_no": "9342025010413000001"' issue partly.json --photo "$photo" -o partly.pdf --json
holds "JSON tells which seals stand and which do not" python3 -c '
import json
a = json.load(open("out"))
assert [s["role"] for s in a["seals_applied"]] == ["committee"], a
assert [s["role"] for s in a["seals_missing"]] == ["issuer"], a
assert a["repeated"] and a["test"], a'
holds "it is signed all the same" grep -aq "ETSI.CAdES.detached" none.pdf
expect 0 "bears no office's seal" verify none.pdf
expect 0 "Test seals" verify one.pdf
expect 1 "no data directory here" verify one.pdf --data nowhere

# An office seals with its own seal only.
another=$("$sealpress" seal list | sed -n '/委员会/s/ .*//p' | head -n 1)
cat >another.json <<JSON
{"organisations": [{"id": "b", "name": "虚构县人力资源和社会保障局（测试）", "seal_id": "$another"}], "profiles": []}
JSON
expect 1 "not to 虚构县人力资源和社会保障局" init --offices another.json
sed -i 's/"name": "[^"]*"/"name": "安徽省测试系列高级职称评审委员会（测试）"/' another.json
expect 0 "" init --offices another.json

# Beside a running service it uses the service's signer: there is never a second one.
"$sealpress" serve --listen 127.0.0.1:0 >said 2>log </dev/null &
service=$!
for ((i = 0; i < 600; i++)); do
    grep -q 'listening on' said && break
    sleep 0.1
done
holds "the service listens" grep -q 'listening on' said
holds "its signer has a socket" [ -S demo/signer.socket ]
order beside.json 'biz_no="F-1"'
before=$("$sealpress" seal list --json | grep -oE '"used": [0-9]+' | sort -u)
expect 0 "sealed by" issue beside.json --photo "$photo" -o beside.pdf
"$sealpress" seal list --json | grep -oE '"used": [0-9]+' | sort -u >uses
holds "the running signer counts each use" grep -qx "\"used\": $((${before##* } + 1))" uses
if [ "$(id -u)" = 0 ] && id sealpress >/dev/null 2>&1; then
    stat -c %U:%G:%a demo/signer.socket >owner
    holds "the socket is root's and the server's group's" grep -qx root:sealpress:660 owner
fi
kill -TERM "$service"
wait "$service"
order after.json 'biz_no="F-2"'
expect 0 "sealed by" issue after.json --photo "$photo" -o after.pdf
expect 0 "whole" seal log

# A seal that was taken out of use is not used, and takes no number.
seal=$("$sealpress" seal list 2>/dev/null | grep -oE '^[0-9a-f]{6,32}' | head -n 1)
if [ -n "$seal" ]; then
    "$sealpress" seal disable "$seal" >/dev/null 2>&1
    order after.json 'biz_no="E-1"'
    for s in $("$sealpress" seal list 2>/dev/null | grep -oE '^[0-9a-f]{6,32}'); do
        "$sealpress" seal disable "$s" >/dev/null 2>&1
    done
    expect 1 "" issue after.json --photo "$photo" -o x.pdf
    holds "no file comes of it" [ ! -e x.pdf ]
fi
checked
