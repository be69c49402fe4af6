#!/usr/bin/env bash
# From a fresh Debian 12 to a sealed, signed, verified certificate. Run as root: samples/quickstart.sh [DIRECTORY]
# Installs packages, builds, makes a demo data directory (./sealpress-data unless told), issues the sample certificate and
# verifies it. Run again it is quick and keeps everything.
set -euo pipefail
start=$PWD
cd "$(dirname "$0")/.."
say() { printf '\n== %s\n' "$*"; }

mapfile -t packages <samples/packages.txt
missing=()
for p in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "quickstart: please install as root: apt-get install ${missing[*]}" >&2
        exit 3
    fi
    say "installing ${#missing[@]} packages"
    apt-get update -qq || echo "quickstart: apt-get update failed; trying with the lists at hand" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Two users, so that the process that holds the keys is not the one that reads what comes from outside.
if [ "$(id -u)" -eq 0 ]; then
    for user in sealpress sealpress-signer; do
        getent passwd "$user" >/dev/null ||
            useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$user"
    done
fi

say "building"
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >build.log.tmp 2>&1 && ninja -C build --quiet all >>build.log.tmp 2>&1 || {
    cat build.log.tmp >&2
    rm -f build.log.tmp
    exit 3
}
rm -f build.log.tmp

# As root the data must lie where the user sealpress can go; a checkout below /root is not such a place.
reaches() { [ "$(id -u)" -ne 0 ] || setpriv --reuid sealpress --regid sealpress --clear-groups test -x "$1/."; }
if [ $# -gt 0 ]; then
    data=$(realpath -m "$start/$1")
    [[ $1 != /* ]] || data=$1
elif [ -e sealpress-data ] || reaches "$PWD"; then
    data=$PWD/sealpress-data
else
    data=/var/lib/sealpress-demo
    echo "quickstart: the user sealpress cannot enter $PWD; the data go to $data"
fi

say "data directory"
build/sealpress init --demo --data "$data"

say "issuing samples/certificate.json"
build/sealpress issue samples/certificate.json --photo samples/photo.jpg -o certificate.pdf --data "$data"

say "verifying"
build/sealpress verify certificate.pdf --data "$data"

say "the certificate: $PWD/certificate.pdf"
echo "To go on, in $PWD:"
printf '    export PATH=%q:$PATH SEALPRESS_DATA=%q\n' "$PWD/build" "$data"
echo "    sealpress --help"
