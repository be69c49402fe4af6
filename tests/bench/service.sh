#!/usr/bin/env bash
# Speed of the running service, on the disk TMPDIR is on: certificates through HTTP beside the command line's rate, refusals
# under ten-fold load, verification pages with a large register, memory. Usage: tests/bench/service.sh
# [BUILD_DIRECTORY [ORDERS [REGISTER]]] (a Release build made for tests)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "${1:-build}") count=${2:-4000} register=${3:-1000000}
grep -q '^SEALPRESS_SANITIZE:BOOL=ON' "$build/CMakeCache.txt" && {
    echo "$build is a sanitized build; its times say nothing" >&2
    exit 2
}
ninja -C "$build" --quiet sealpress service_bench certificate_bench register_fill
export SEALPRESS_SHARE=$build/share/sealpress
work=$(mktemp -d)
chmod 755 "$work"
pid=
finish() {
    [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
grep -m1 'model name' /proc/cpuinfo || true
echo "$(nproc) cores; data on $(stat -f -c %T "$work")"

# The database is the server's.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then setpriv --reuid sealpress --regid sealpress --clear-groups "$@"; else "$@"; fi
}
init() { # DIRECTORY
    "$build/sealpress" init --demo --data "$1" >"$work/init.txt"
    key=$(grep -oE 'sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}' "$work/init.txt")
}
serve() { # DIRECTORY
    "$build/sealpress" serve --listen 127.0.0.1:0 --data "$1" >"$work/out.txt" 2>"$work/log.txt" &
    pid=$!
    for _ in $(seq 600); do
        port=$(sed -nE 's/.*127\.0\.0\.1:([0-9]+).*/\1/p' "$work/out.txt")
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    cat "$work/log.txt" >&2
    exit 1
}
stop() {
    kill -TERM "$pid"
    wait "$pid" || true
    pid=
}

echo
echo "== the command line's own rate (one process, batches of 32 and of 1)"
"$build/sealpress" photo samples/photo.jpg -o "$work/photo.jpg"
for batch in 32 1; do # nothing is removed before the end: some disks look long for inodes after many were freed
    init "$work/cli-$batch"
    "$build/tests/certificate_bench" "$work/cli-$batch" demo "$work/photo.jpg" "$count" rsa-2048 "$batch" | grep -E 'all |certificates of'
done

echo
echo "== certificates through HTTP"
init "$work/data"
serve "$work/data"
photo=$(curl -sf -H "Authorization: Bearer $key" -H 'Content-Type: image/jpeg' --data-binary @samples/photo.jpg \
    "http://127.0.0.1:$port/v1/photos" | python3 -c 'import json,sys; print(json.load(sys.stdin)["id"])')
first=1
orders() { # COUNT CONNECTIONS
    "$build/tests/service_bench" orders "$port" "$key" "$photo" "$1" "$2" "$pid" "$first"
    first=$((first + $1))
}
orders 200 4 >/dev/null
orders "$count" 16
echo "== ten times as many clients"
orders $((count * 2)) 160
echo "== one client"
orders $((count / 4)) 1
stop

echo
echo "== verification pages, $register certificates in the register"
init "$work/large"
as_server "$build/tests/register_fill" "$work/large" "$register" "$work/photo.jpg" >"$work/tokens"
serve "$work/large"
pages() { "$build/tests/service_bench" pages "$port" "$work/tokens" "$1" "$2" "$pid" "${3:-0}"; }
pages 5000 16 >/dev/null
pages 100000 16
pages 100000 64
pages 50000 16 10000
stop
