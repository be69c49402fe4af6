#!/usr/bin/env bash
# mutool sign -v (MuPDF): every signature holds, the last one finds the document unchanged, and the history of changes
# is within what the certifying signature allows. Usage: mutool.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")
echo 'print("history", new PDFDocument(scriptArgs[0]).validateChangeHistory())' >"$work/history.js"

approve() {
    local said count
    count=$(signatures_of "$1")
    said=$(mutool sign -v "$1" 2>&1)
    echo "$said"
    [ "$(mutool run "$work/history.js" "$1" 2>&1 | tail -n 1)" = "history 0" ] &&
        [ "$(grep -c '^Verifying signature' <<<"$said")" -eq "$count" ] &&
        [ "$(grep -c 'The document is unchanged since signing\.' <<<"$said")" -eq 1 ] &&
        [ "$(grep -c 'The signature is valid but there have been edits since signing\.' <<<"$said")" -eq $((count - 1)) ]
}

must_approve "$demo"/issued/*.pdf
must_reject "$demo"/twins/{flipped,appended,replaced,signature}.pdf
judged
