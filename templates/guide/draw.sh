#!/usr/bin/env bash
# Draws the pictures of templates/README.md from the templates beside this file.
# Usage: templates/guide/draw.sh SEALPRESS [DIRECTORY]   (a built program; where the pictures go: here)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sealpress=$(realpath "$1") out=$(realpath "${2:-$here}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for folder in "$here"/*/; do
    name=$(basename "$folder")
    rm -f "$work"/*
    "$sealpress" render "${folder%/}" "$folder/sample.json" -o "$work/x.pdf"
    pdftoppm -r 110 -png "$work/x.pdf" "$work/page"
    # Pages beside each other, each with a hairline around it; few grey levels keep the files small.
    convert "$work"/page*.png -bordercolor '#b0b8c4' -border 1 -bordercolor white -border 5 +append \
        -colors 32 -define png:exclude-chunks=date,time -strip "PNG8:$out/$name.png"
done
