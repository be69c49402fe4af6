#!/usr/bin/env bash
# pdftotext: every field of the order comes back exactly, in both layouts, rare characters included.
# Usage: text.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")

approve() {
    python3 "$here/text.py" "$1" "${1%.pdf}.texts" 2>&1
}

must_approve "$demo"/issued/*.pdf
# One character differs.
cp "$demo/issued/landscape.pdf" "$work/other.pdf"
python3 -c 'import json, sys
texts = json.load(open(sys.argv[1]))
texts[0] = texts[0][:-1] + chr(ord(texts[0][-1]) + 1)
json.dump(texts, open(sys.argv[2], "w"))' "$demo/issued/landscape.texts" "$work/other.texts"
must_reject "$work/other.pdf"
judged
