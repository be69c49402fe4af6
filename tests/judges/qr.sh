#!/usr/bin/env bash
# zbarimg on the page as somebody would photograph it: 150 dpi, JPEG quality 30, scaled to 103 %. It must say the verify
# URL that the program printed; and a module must be at least 0.4 mm wide. Usage: qr.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1") dpi=150

approve() {
    local url said
    url=$(cat "${1%.pdf}.url")
    pdftoppm -r "$dpi" -png -singlefile "$1" "$work/page" &&
        convert "$work/page.png" -quality 30 "$work/poor.jpg" &&
        convert "$work/poor.jpg" -resize '103%' "$work/scaled.png" || return 1
    said=$(zbarimg -q --raw --nodbus -Sdisable -Sqrcode.enable "$work/scaled.png")
    echo "$said"
    [ -n "$url" ] && [ "$said" = "$url" ] || return 1
    pdftoppm -r 300 -gray -singlefile "$1" "$work/fine" &&
        python3 "$here/module.py" "$work/fine.pgm" 300 0.4
}

must_approve "$demo"/issued/{landscape,portrait,unsealed}.pdf
# The same page with another certificate's URL, and with too small a code for paper.
cp "$demo/issued/landscape.pdf" "$work/other.pdf"
cp "$demo/issued/portrait.url" "$work/other.url"
must_reject "$work/other.pdf"
dpi=25
must_reject "$demo/issued/landscape.pdf"
judged
