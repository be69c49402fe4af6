#!/usr/bin/env bash
# The program's own verdict on the demo's files and on their twins, by exit status and by --json.
# Usage: verified.sh DEMO_DIRECTORY SEALPRESS
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1") sealpress=$2 expected=test trust=()

approve() {
    local said status kind
    said=$("$sealpress" verify "$1" --data "$demo/data" "${trust[@]}" --json 2>&1)
    status=$?
    kind=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["verdict"])' <<<"$said")
    echo "$status $kind"
    [ "$kind" = "$expected" ] && case "$kind" in
    genuine | test) [ $status -eq 0 ] ;;
    *) [ $status -eq 1 ] ;;
    esac
}

must_approve "$demo"/issued/*.pdf
must_reject "$demo"/twins/{flipped,appended,replaced,signature,opaque}.pdf
expected=altered
must_approve "$demo"/twins/{flipped,appended,replaced,signature}.pdf
must_reject "$demo/issued/landscape.pdf"
expected=not-signed
must_approve "$demo/unsigned/landscape.pdf"
judged
