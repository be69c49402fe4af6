#!/usr/bin/env bash
# pdffonts: every font embedded, subset, and with a ToUnicode map; and the file is at most 300 KB.
# Usage: fonts.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")

approve() {
    local said
    said=$(pdffonts "$1" 2>&1) || return 1
    echo "$said"
    echo "$(stat -c %s "$1") bytes"
    # Columns from the right: object, generation, uni, sub, emb.
    tail -n +3 <<<"$said" | awk '{ n++; if ($(NF-4) != "yes" || $(NF-3) != "yes" || $(NF-2) != "yes") bad = 1 }
        END { exit n == 0 || bad }' &&
        [ "$(stat -c %s "$1")" -le $((300 * 1024)) ]
}

must_approve "$demo"/issued/*.pdf
must_reject "$demo/twins/unembedded.pdf"
head -c 200000 /dev/zero | cat "$demo/issued/landscape.pdf" - >"$work/too-large.pdf"
must_reject "$work/too-large.pdf"
judged
