#!/usr/bin/env bash
# openssl cms -verify -cades over the byte ranges of every signature, cut out of the file by cms.py.
# Usage: cms.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")
root=$demo/root.pem

approve() {
    local out count i
    out=$(mktemp -d -p "$work")
    count=$(python3 "$here/cms.py" "$1" "$out") || return 1
    [ "$count" -eq "$(signatures_of "$1")" ] || return 1
    for ((i = 0; i < count; i++)); do
        openssl cms -verify -cades -binary -inform DER -in "$out/$i.cms" -content "$out/$i.bytes" -CAfile "$root" \
            -no-CApath -no-CAstore -out /dev/null 2>&1 || return 1
    done
}

must_approve "$demo"/issued/*.pdf
must_reject "$demo"/twins/{flipped,appended,signature}.pdf
root=$demo/stranger.pem
must_reject "$demo/issued/landscape.pdf"
judged
