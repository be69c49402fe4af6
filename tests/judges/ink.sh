#!/usr/bin/env bash
# Text under a seal stays readable: what is ink before sealing is still ink afterwards, in poppler's and in MuPDF's
# rendering, and there is text under the seals at all. Usage: ink.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")

poppler() {
    pdftoppm -r 150 -singlefile "$1" "${2%.ppm}"
}

mupdf() {
    mutool draw -q -r 150 -F ppm -o "$2" "$1" 1
}

approve() {
    local unsigned=$demo/unsigned/landscape.pdf render
    [ "${1##*/}" = portrait.pdf ] && unsigned=$demo/unsigned/portrait.pdf
    for render in poppler mupdf; do
        $render "$unsigned" "$work/before.ppm" && $render "$1" "$work/after.ppm" &&
            python3 "$here/ink.py" "$work/before.ppm" "$work/after.ppm" || return 1
    done
}

must_approve "$demo"/issued/{landscape,portrait}.pdf
# Seals painted over the text, and no seals at all.
must_reject "$demo/twins/opaque.pdf" "$demo/unsigned/landscape.pdf"
judged
