#!/usr/bin/env bash
set -euo pipefail
usage() {
    cat <<'TEXT'
Usage: samples/quickstart.sh [--no-serve] [--listen HOST:PORT] [DIRECTORY]

From a fresh Debian 12 to a sealed, signed, verified certificate and a running service. As root it installs packages; it
builds, makes a demo data directory (./sealpress-data unless told), issues and verifies the sample certificate on the
command line, makes the certificates of a whole filing (certificates.zip), starts the service on 127.0.0.1:8080 with the
organiser's console, issues a certificate by curl and goes on serving until Ctrl-C.
Run again it is quick and keeps everything.

  --no-serve          leaves the service out
  --listen HOST:PORT  another address for the service
TEXT
}

start=$PWD serve=yes listen=127.0.0.1:8080 directory=
while [ $# -gt 0 ]; do
    case "$1" in
    -h | --help)
        usage
        exit 0
        ;;
    --no-serve) serve=no ;;
    --listen)
        listen=${2:?quickstart: --listen takes HOST:PORT}
        shift
        ;;
    -*)
        echo "quickstart: there is no option $1; --help lists them" >&2
        exit 2
        ;;
    *)
        [ -z "$directory" ] || { usage >&2; exit 2; }
        directory=$1
        ;;
    esac
    shift
done
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
if [ -n "$directory" ]; then
    data=$(realpath -m "$start/$directory")
    [[ $directory != /* ]] || data=$directory
elif [ -e sealpress-data ] || reaches "$PWD"; then
    data=$PWD/sealpress-data
else
    data=/var/lib/sealpress-demo
    echo "quickstart: the user sealpress cannot enter $PWD; the data go to $data"
fi
key_file=${data%/}-key.txt

# A key is shown once, when it is made. The demo's is kept in a file that only its owner reads.
keep_key() { # reads what a command printed
    local key
    key=$(grep -oE 'sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}' || true)
    [ -z "$key" ] || (umask 077 && printf '%s\n' "$key" >"$key_file")
}

say "data directory"
made=$(build/sealpress init --demo --data "$data")
keep_key <<<"$made"
sed -E 's/sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}/(kept in the file below)/' <<<"$made"
[ -s "$key_file" ] || build/sealpress key new --name quickstart --organisation '*' --scopes all --data "$data" | keep_key
echo "API key: $key_file"

say "issuing samples/certificate.json"
build/sealpress issue samples/certificate.json --photo samples/photo.jpg -o certificate.pdf --data "$data"

say "verifying"
build/sealpress verify certificate.pdf --data "$data"

say "a filing: samples/entries.csv"
sent=$(mktemp -d)
trap 'rm -rf "$sent"' EXIT
mkdir "$sent/photos"
for serial in $(seq 1 11); do # the twelfth has no photo yet: the console shows what to do about it
    cp samples/photo.jpg "$sent/photos/$serial.jpg"
done
# Any PDF can stand for the approval document (批复文件) here.
build/sealpress render publicity-proof templates/publicity-proof/sample.json -o "$sent/approval.pdf" >/dev/null
build/sealpress import samples/filing.json --entries samples/entries.csv --document "$sent/approval.pdf" \
    --photos "$sent/photos" --approved --data "$data"
rm -rf "$sent"
build/sealpress export '皖测社秘〔2026〕1号' -o certificates.zip --data "$data"

# The console's two sides: who files, and who approves.
office_key() { # OFFICE: the name of the file with a key of that office
    local file=${data%/}-$1-key.txt
    local made
    if [ ! -s "$file" ]; then
        made=$(build/sealpress key new --name "$1" --organisation "demo-$1" --scopes all --data "$data" 2>&1) ||
            { printf '%s\n' "$made" >&2; return 3; }
        grep -oE 'sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}' <<<"$made" | (umask 077 && cat >"$file")
    fi
    echo "$file"
}
organiser_key=$(office_key organiser)
issuer_key=$(office_key issuer)

say "the certificate: $PWD/certificate.pdf"
echo "the filing's certificates: $PWD/certificates.zip"
echo "To go on, in $PWD:"
printf '    export PATH=%q:$PATH SEALPRESS_DATA=%q\n' "$PWD/build" "$data"
echo "    sealpress --help"
[ "$serve" = yes ] || exit 0

say "starting the service"
said=$(mktemp)
service=
finish() {
    [ -z "$service" ] || kill -TERM "$service" 2>/dev/null || true
    [ -z "$service" ] || wait "$service" || true
    rm -f "$said"
}
trap finish EXIT
trap 'exit 0' INT TERM
build/sealpress serve --listen "$listen" --data "$data" >"$said" &
service=$!
until grep -q 'http://' "$said"; do
    if ! kill -0 "$service" 2>/dev/null; then
        status=0
        wait "$service" || status=$?
        service=
        echo "quickstart: the service did not start on $listen; another address: --listen 127.0.0.1:8081" >&2
        exit "$status"
    fi
    sleep 0.1
done
url=$(grep -oE 'http://.*' "$said")

say "the same by HTTP"
api() { # PATH CURL_OPTION...: the answer, or what was wrong and the end
    local path=$1 answer status
    shift
    answer=$(curl -sS -w '\n%{http_code}' -H @- "$@" "$url$path" <<<"Authorization: Bearer $(cat "$key_file")")
    status=${answer##*$'\n'}
    printf '%s\n' "${answer%$'\n'*}"
    [[ $status == 2* ]] || { printf 'quickstart: %s: %s %s\n' "$path" "$status" "${answer%$'\n'*}" >&2; return 3; }
}
member() { grep -oE "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; } # NAME <JSON
photo=$(api /v1/photos -H 'Content-Type: image/jpeg' --data-binary @samples/photo.jpg | member id)
order=$(sed "s/\"biz_no\": *\"[^\"]*\"/\"biz_no\": \"2026-000002\", \"photo_id\": \"$photo\"/" samples/certificate.json)
certificate=$(api /v1/certificates -H 'Content-Type: application/json' --data-binary "$order")
id=$(member id <<<"$certificate")
api "/v1/certificates/$id.pdf" -o certificate-http.pdf >/dev/null
token=$(member verify_url <<<"$certificate")
echo "number       $(member certificate_no <<<"$certificate")"
echo "PDF          $PWD/certificate-http.pdf"
echo "             $url/v1/certificates/$id.pdf (with the key)"
echo "verify page  $url/v/${token##*/}"
echo "API key      $key_file"
echo "console      $url/console/login"
echo "             as organiser (fills and submits): key in $organiser_key"
echo "             as issuing authority (approves):  key in $issuer_key"

say "serving on $url until Ctrl-C"
wait "$service" || true
service=
