#!/usr/bin/env bash
# PDFBox and Bouncy Castle: CMS, attributes, chain to the root, coverage up to the end of the file.
# Usage: pdfbox.sh DEMO_DIRECTORY BUILD_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$1 classes=$2/pdfbox
jars=/usr/share/java
export CLASSPATH=$classes:$jars/pdfbox2.jar:$jars/fontbox2.jar:$jars/commons-logging.jar:$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
mkdir -p "$classes"
javac -nowarn -Xlint:none -d "$classes" "$here/pdfbox/PdfboxJudge.java" || exit 1
root=$demo/root.pem

approve() {
    java PdfboxJudge "$root" "$(signatures_of "$1")" "$1" 2>&1
}

must_approve "$demo"/issued/*.pdf
must_reject "$demo"/twins/{flipped,appended,replaced,signature}.pdf
root=$demo/stranger.pem
must_reject "$demo/issued/landscape.pdf"
judged
