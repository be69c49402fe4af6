#!/usr/bin/env bash
# serve: its two processes come back when they are killed, end when they are told to or left alone, and a wrong
# configuration is named instead of tried again.
. "$(dirname "$0")/checks.sh"
command -v curl >/dev/null || exit 77
photo=$SEALPRESS_SOURCE/samples/photo.jpg
supervisor=
# shellcheck disable=SC2154 # work comes from checks.sh
trap '[ -z "$supervisor" ] || kill -TERM "$supervisor" 2>/dev/null; wait; rm -rf "$work"' EXIT

"$sealpress" init --demo --data demo >made 2>&1 || { cat made; exit 1; }
key=$(grep -oE 'sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}' made)
holds "init prints the first key" [ -n "$key" ]
"$sealpress" init --data unset >/dev/null 2>&1
"$sealpress" init --data real --public-url https://zs.example.cn >/dev/null 2>&1

until_true() { # SECONDS COMMAND...
    local left=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 0.05
    done
}

child() { # NAME: the supervisor's child of that name
    local pid
    for pid in $(cat "/proc/$supervisor/task/$supervisor/children" 2>/dev/null); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$1" ] || echo "$pid"
    done
}
gone() { [ ! -d "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"; }
user_of() { stat -c %U "/proc/$1"; }

start() { # DATA WORD...
    local data=$1
    shift
    : >said
    "$sealpress" serve --listen 127.0.0.1:0 --data "$data" "$@" >said 2>log </dev/null &
    supervisor=$!
    until_true 60 grep -q 'listening on http' said || { cat said log; echo "it does not listen"; exit 1; }
    url=$(sed -n 's/^listening on //p' said)
}

# answers STATUS PATH CURL_OPTION...
answers() {
    local wanted=$1 path=$2
    shift 2
    [ "$(curl -sS -m 30 -o answer -w '%{http_code}' -H "Authorization: Bearer $key" "$@" "$url$path" 2>curl_said)" = "$wanted" ]
}

member() { python3 -c 'import json, sys; print(json.load(open("answer"))[sys.argv[1]])' "$1"; }

issues() { # BIZ_NO: a photo goes in, a certificate is made
    answers 201 /v1/photos -H 'Content-Type: image/jpeg' --data-binary "@$photo" || { cat answer curl_said; return 1; }
    order order.json "biz_no=\"$1\"" "photo_id=\"$(member id)\""
    answers 201 /v1/certificates -H 'Content-Type: application/json' --data-binary @order.json || { cat answer curl_said; return 1; }
}

ends() { # STATUS: of the supervisor
    local got=0
    wait "$supervisor" || got=$?
    supervisor=
    [ "$got" = "$1" ] || { echo "exit $got"; cat log; return 1; }
}

# What can be said before it starts.
expect 0 "sealpress serve" serve --help
expect 2 "HOST:PORT" serve --listen 8080
expect 2 "HOST:PORT" serve --listen ::1:8080
expect 2 "HOST:PORT" serve --listen 127.0.0.1:65536
expect 1 "is no data directory" serve --data nowhere
expect 0 "https://zs.example.cn" serve -n --data demo
expect 1 "is no data directory" serve -n --data nowhere

# A wrong configuration is named, by serve as by -n, and not tried again.
wrong() { # TEXT JSON
    printf '%s\n' "$2" >wrong/config.json
    expect 1 "$1" serve -n --data wrong
    expect 1 "$1" serve --listen 127.0.0.1:0 --data wrong
}
cp -a real wrong
wrong "/publicurl" '{"publicurl": "https://zs.example.cn"}'
wrong "/public_url" '{"public_url": "http://zs.example.cn"}'
wrong "/trusted_proxies" '{"public_url": "https://zs.example.cn", "trusted_proxies": ["localhost"]}'
wrong "/connections" '{"public_url": "https://zs.example.cn", "connections": 1}'
wrong "config.json" '{"public_url": '
expect 1 "public address" serve --data unset
expect 1 "public address" serve -n --data unset
expect 1 "loopback" serve --listen 0.0.0.0:0 --data demo
holds "nothing listens for a signer that is not there" [ ! -e wrong/signer.socket ]
lang=zh_CN.UTF-8 expect 1 "公开网址" serve --data unset

# It starts, says where, and issues.
start demo
holds "port 0 took a port" grep -qE '^listening on http://127\.0\.0\.1:[1-9][0-9]*$' said
holds "it is alive" answers 200 /livez
holds "it issues" issues S-1
signer=$(child sealpress-sign) server=$(child sealpress-serve)
holds "the signer is a process of its own" [ -n "$signer" ]
holds "the server is another" [ -n "$server" ]
if [ "$(id -u)" -eq 0 ] && id sealpress >/dev/null 2>&1 && id sealpress-signer >/dev/null 2>&1; then
    holds "the server is the user sealpress" [ "$(user_of "$server")" = sealpress ]
    holds "the signer is the user sealpress-signer" [ "$(user_of "$signer")" = sealpress-signer ]
    holds "the server cannot read the signer's files" sh -c "! setpriv --reuid sealpress --regid sealpress --clear-groups ls /proc/$signer/fd 2>/dev/null"
fi
expect 1 "Another \"sealpress serve\" (process $supervisor)" serve --listen 127.0.0.1:0 --data demo
expect 3 "" serve --listen "${url#http://}" --data real
holds "the first one goes on" answers 200 /livez

# Killed, each comes back where it was.
kill -9 "$signer"
holds "the signer comes back" until_true 20 grep -q 'event=signer-restarted.*"killed by signal 9"' log
holds "it issues again" issues S-2
kill -9 "$server"
holds "the server comes back" until_true 20 grep -q 'event=server-restarted.*"killed by signal 9"' log
holds "at the same address" answers 200 /livez
holds "and issues" issues S-3
holds "what was issued before is there" answers 200 '/v1/certificates?biz_no=S-1'
kill -9 "$(child sealpress-serve)" "$(child sealpress-sign)"
holds "both at once come back" until_true 30 issues S-4

# Left alone, neither stays.
signer=$(child sealpress-sign) server=$(child sealpress-serve)
{ kill -9 "$supervisor" && wait "$supervisor"; } 2>/dev/null # or the shell tells of it
holds "the server ends with its supervisor" until_true 20 gone "$server"
holds "the signer ends with its supervisor" until_true 20 gone "$signer"
start demo
holds "another start carries on" issues S-5

# SIGTERM: what was begun ends, then everything does.
signer=$(child sealpress-sign) server=$(child sealpress-serve)
curl -sS -m 60 --limit-rate 30k -o slow -w '%{http_code}' -H "Authorization: Bearer $key" -H 'Content-Type: image/jpeg' \
    -H 'Expect:' --data-binary "@$photo" "$url/v1/photos" >slow_status 2>&1 &
slow=$!
sleep 1
kill -TERM "$supervisor"
holds "it ends in order" ends 0
wait "$slow"
holds "the photo on its way was taken" [ "$(cat slow_status)" = 201 ]
holds "no server is left" gone "$server"
holds "no signer is left" gone "$signer"
holds "nor its socket" [ ! -e demo/signer.socket ]

# Ctrl-C does the same.
start demo
kill -INT "$supervisor"
holds "it ends by SIGINT, too" ends 0
checked
