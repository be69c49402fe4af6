#!/usr/bin/env bash
# Speed of a released build: CPU ms a certificate with two seals, whole and by stage, beside raw signatures, and memory.
# Usage: tests/bench/run.sh [BUILD_DIRECTORY [COUNT]] (target "bench"; a Release build without sanitizers)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "${1:-build}") count=${2:-2000}
if ! grep -qs '^SEALPRESS_TESTS:BOOL=ON' "$build/CMakeCache.txt"; then
    echo "$build was not built for tests; tests/run.sh installs and builds what is needed here" >&2
    exit 2
fi
grep -q '^SEALPRESS_SANITIZE:BOOL=ON' "$build/CMakeCache.txt" && {
    echo "$build is a sanitized build; its times say nothing" >&2
    exit 2
}
[ -x "$build/tests/certificate_bench" ] || ninja -C "$build" certificate_bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# The demo's offices with keys of that kind; everything else of the installation as it is.
share_with() { # ALGORITHM
    rm -rf "$work/share"
    mkdir -p "$work/share/samples"
    for entry in "$build"/share/sealpress/*; do
        [ "${entry##*/}" = samples ] || ln -s "$entry" "$work/share/"
    done
    sed "s/\"algorithm\": *\"[a-z0-9-]*\"/\"algorithm\": \"$1\"/" samples/offices.json >"$work/share/samples/offices.json"
}

"$build/sealpress" photo samples/photo.jpg -o "$work/photo.jpg"
grep -m1 'model name' /proc/cpuinfo || true
for algorithm in rsa-2048 p-256; do
    echo
    echo "== two seals with $algorithm"
    share_with "$algorithm"
    export SEALPRESS_SHARE=$work/share
    data=$work/$algorithm
    for batch in 32 1; do
        rm -rf "$data"
        "$build/sealpress" init --demo --data "$data" >/dev/null
        "$build/tests/certificate_bench" "$data" demo "$work/photo.jpg" "$count" "$algorithm" "$batch"
    done
    case $algorithm in
    rsa-2048) openssl speed -seconds 2 rsa2048 2>/dev/null | tail -n 2 ;;
    p-256) openssl speed -seconds 2 ecdsap256 2>/dev/null | tail -n 2 ;;
    esac
done
