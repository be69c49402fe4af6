#!/usr/bin/env bash
# PDFBox and Bouncy Castle: CMS, attributes, chain to the root, coverage up to the end of the file.
# Usage: pdfbox.sh DEMO_DIRECTORY BUILD_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1") classes=$2/pdfbox
jars=/usr/share/java
export CLASSPATH=$classes:$jars/pdfbox2.jar:$jars/fontbox2.jar:$jars/commons-logging.jar:$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
mkdir -p "$classes"
javac -nowarn -Xlint:none -d "$classes" "$here/pdfbox/PdfboxJudge.java" || exit 1

ask() { # ROOT.pem FILE...
    local root=$1 file asked=()
    shift
    for file; do
        asked+=("$(signatures_of "$file")" "$file")
    done
    java PdfboxJudge "$root" "${asked[@]}" >"$work/verdicts" 2>&1
}

approve() {
    grep -F -B 3 "$1: " "$work/verdicts"
    grep -qF "$1: valid" "$work/verdicts"
}

twins=("$demo"/twins/{flipped,appended,replaced,signature}.pdf)
# One Java machine for all: most of its time is its start.
ask "$demo/root.pem" "$demo"/issued/*.pdf "${twins[@]}"
must_approve "$demo"/issued/*.pdf
must_reject "${twins[@]}"
ask "$demo/stranger.pem" "$demo/issued/landscape.pdf"
must_reject "$demo/issued/landscape.pdf"
judged
