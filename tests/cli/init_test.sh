#!/usr/bin/env bash
# init: what it makes, what it keeps, what it refuses.
. "$(dirname "$0")/checks.sh"

expect 0 "data directory made" init --demo --data demo
for part in config.json sealpress.db files seals trust keys; do
    holds "demo/$part is there" [ -e "demo/$part" ]
done
holds "one root is trusted" [ "$(find demo/trust -name '*.pem' | wc -l)" -eq 1 ]
holds "keys/ is closed" [ "$(stat -c %a demo/keys)" = 700 ]
holds "the database is closed" [ "$(stat -c %a demo/sealpress.db)" = 600 ]

# Again: everything is kept, nothing is made twice.
find demo/keys demo/seals -type f -not -name '*.log' | sort >before
expect 0 "data directory kept" init --demo --data demo
find demo/keys demo/seals -type f -not -name '*.log' | sort >after
holds "a second init makes no further seals" cmp before after

# Not ours, not to be touched.
mkdir other && echo text >other/note.txt
expect 1 "not empty and not ours" init --demo --data other
holds "nothing was added" [ "$(ls other)" = note.txt ]
expect 3 "Make the directory above first" init --data missing/deep

# A real directory: an address once, https only, and no demo in it.
expect 0 "public-url" init --data real
expect 1 "public address" init --data real --public-url http://zs.example.cn
expect 0 "https://zs.example.cn" init --data real --public-url https://zs.example.cn/
expect 0 "https://zs.example.cn" init --data real --public-url https://zs.example.cn
expect 1 "for ever" init --data real --public-url https://other.example.cn
expect 1 "real certificates" init --demo --data real

# Offices of one's own.
cat >offices.json <<'JSON'
{"organisations": [{"id": "a", "name": "甲厅", "draw_seal": {"diameter_mm": 42, "algorithm": "p-256"}}],
 "profiles": [{"id": "p", "name": "配置", "organisation": "a", "issuer": "a", "template": "certificate",
               "number_pattern": "9{province}{year}{seq:6}", "province": "34"}]}
JSON
expect 1 "demo directory only" init --data real --offices offices.json
sed -i 's/, "draw_seal": {[^}]*}//' offices.json
expect 0 "data directory kept" init --data real --offices offices.json
sed -i 's/{seq:6}/{seq}/; s/"34"/"340"/' offices.json
expect 1 "/profiles/0/number_pattern" init --data real --offices offices.json
expect 1 "/profiles/0/province" init --data real --offices offices.json
expect 1 "There is no file" init --data real --offices nothing.json

# What a certificate could not print is refused here, and not at the first order.
sed -i 's/{seq}/{seq:6}/; s/"340"/"34"/' offices.json
for length in 50 51; do
    sed "s/甲厅/$(printf '安%.0s' $(seq "$length"))/" offices.json >long.json
    expect "$((length - 50))" "$([ "$length" = 50 ] && echo kept || echo /organisations/0/name)" init --data real --offices long.json
done
sed 's/"certificate"/"diploma"/' offices.json >other.json
expect 1 "/profiles/0/template" init --data real --offices other.json

# As root with both users, the server's user may use the directory but neither open keys/ nor move it away.
if [ "$(id -u)" -eq 0 ] && id sealpress >/dev/null 2>&1 && id sealpress-signer >/dev/null 2>&1; then
    as_server() { setpriv --reuid sealpress --regid sealpress --clear-groups "$@" >/dev/null 2>&1; }
    holds "the server reads config.json" as_server cat demo/config.json
    holds "the server writes the database" as_server sh -c ': >>demo/sealpress.db'
    holds "the server cannot list keys/" sh -c '! setpriv --reuid sealpress --regid sealpress --clear-groups ls demo/keys 2>/dev/null'
    holds "the server cannot move keys/" sh -c '! setpriv --reuid sealpress --regid sealpress --clear-groups mv demo/keys demo/gone 2>/dev/null'
    holds "the server cannot add to trust/" sh -c '! setpriv --reuid sealpress --regid sealpress --clear-groups touch demo/trust/x.pem 2>/dev/null'
    expect 0 "data directory made" init --demo --data moved
    chown -R daemon moved
    expect 1 "made by another user" init --demo --data moved
    holds "nothing was changed there" [ -z "$(find moved ! -user daemon)" ]
    (cd moved && chown -R sealpress-signer: keys seals trust && chown -R sealpress: files originals inbox sealpress.db* issue.lock)
    expect 0 "data directory kept" init --demo --data moved
    order order.json
    expect 0 "number" issue order.json --photo "$SEALPRESS_SOURCE/samples/photo.jpg" -o moved.pdf --data moved
    mkdir -m 700 closed
    expect 1 "cannot enter" init --demo --data closed/data
    holds "nothing was made there" [ -z "$(ls closed)" ]
fi
checked
