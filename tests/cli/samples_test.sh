#!/usr/bin/env bash
# samples/: what is shown works. What is not installed here (nginx, caddy, systemd-analyze) is passed over.
. "$(dirname "$0")/checks.sh"
samples=$SEALPRESS_SOURCE/samples

"$sealpress" init --data real --public-url https://zs.example.cn >/dev/null 2>&1
cp "$samples/config.json" real/config.json
expect 0 "trusted proxy: 127.0.0.1" serve -n --data real
cp real/config.json before.json
expect 0 "https://zs.example.cn" init --data real --public-url https://zs.example.cn
holds "init keeps comments" grep -q '"// public_url"' real/config.json

# A site of nginx is tried inside the smallest whole configuration, on other ports.
if command -v nginx >/dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=zs.example.cn -keyout key.pem -out cert.pem 2>openssl.log
    sed -e "s#/etc/ssl/sealpress/zs.example.cn.pem#$work/cert.pem#; s#/etc/ssl/sealpress/zs.example.cn.key#$work/key.pem#" \
        -e "s#/var/log/nginx#$work#" "$samples/nginx.conf" >site.conf
    printf 'pid %s/nginx.pid;\nevents {}\nhttp {\n  include %s/site.conf;\n}\n' "$work" "$work" >nginx.conf
    holds "nginx takes nginx.conf" sh -c "nginx -t -e '$work/error.log' -c '$work/nginx.conf' 2>nginx.log || { cat nginx.log; false; }"
fi
if command -v caddy >/dev/null; then
    holds "caddy takes the Caddyfile" env HOME="$work" caddy validate --config "$samples/Caddyfile" --adapter caddyfile >/dev/null 2>&1
fi
if command -v systemd-analyze >/dev/null; then
    sed "s#/usr/local/bin/sealpress#$sealpress#" "$samples/sealpress.service" >sealpress.service
    holds "systemd takes the unit" sh -c "! systemd-analyze verify ./sealpress.service 2>&1 | grep sealpress.service"
fi

# The quickstart from its built program on: packages, users and building are somebody else's matter here.
mkdir -p tree/build stubs
ln -s "$SEALPRESS_SOURCE/templates" tree/
cp -r "$samples" tree/samples # a script finds its tree by where it lies
ln -s "$sealpress" tree/build/sealpress
printf '#!/bin/sh\nexit 0\n' | tee stubs/cmake stubs/ninja stubs/getent >/dev/null
printf '#!/bin/sh\necho installed\n' >stubs/dpkg-query
chmod 755 stubs/*
quickstart() { env PATH="$work/stubs:$PATH" timeout 300 tree/samples/quickstart.sh --no-serve "$work/quick" >quick.log 2>&1; }
holds "the quickstart comes to its end: $(quickstart || cat quick.log)" grep -q 'export PATH=' quick.log
holds "all files of photos are used" grep -q '11 files read, 0 could not be used' quick.log
holds "eleven certificates are in the archive" python3 -c '
import sys, zipfile
sys.exit(sum(n.endswith(".pdf") for n in zipfile.ZipFile("tree/certificates.zip").namelist()) != 11)'
holds "it says where three keys are" sh -c 'ls quick-key.txt quick-organiser-key.txt quick-issuer-key.txt >/dev/null'
holds "again it keeps everything: $(quickstart || cat quick.log)" grep -q 'export PATH=' quick.log
checked
