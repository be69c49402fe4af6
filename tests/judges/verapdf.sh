#!/usr/bin/env bash
# veraPDF on signed and unsigned documents: PDF/A-2b. Its libraries come by Maven, once, into the build directory; when
# they cannot be fetched the test says so and counts as skipped (77).
# Usage: verapdf.sh DEMO_DIRECTORY BUILD_DIRECTORY SEALPRESS SOURCE_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1") jars=$2/verapdf/jars classes=$2/verapdf/classes sealpress=$3 source=$4

fetch() {
    ls "$jars"/validation-model-*.jar >/dev/null 2>&1 && return 0
    rm -rf "$jars.part"
    command -v mvn >/dev/null &&
        timeout 240 mvn -B -q -f "$here/verapdf/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
            -DoutputDirectory="$(realpath -m "$jars.part")" >"$work/fetched" 2>&1 &&
        rm -rf "$jars" && mv "$jars.part" "$jars"
}
mkdir -p "$classes"
if ! fetch; then
    echo "SKIPPED: veraPDF's libraries could not be fetched, so nothing was judged as PDF/A:"
    tail -n 3 "$work/fetched" 2>/dev/null
    exit 77
fi
export CLASSPATH="$classes:$jars/*"
javac -nowarn -d "$classes" "$here/verapdf/Verapdf.java" || exit 1

# Bookmarks, names of pages, landscape pages, transparent marks; and a form for the pen.
for name in review-table commission-letter admission-ticket; do
    "$sealpress" render $name "$source/templates/$name/sample.json" -o "$work/$name.pdf" || exit 1
done
"$sealpress" render review-table --blank -o "$work/blank.pdf" || exit 1
files=("$work"/*.pdf "$demo"/issued/*.pdf "$demo"/unsigned/{landscape,portrait}.pdf)
twins=("$demo"/twins/{unembedded,no-metadata}.pdf)
# One Java machine for all: most of its time is its start.
java Verapdf "${files[@]}" "${twins[@]}" >"$work/verdicts" 2>&1

approve() {
    grep -F -A 40 "$1: " "$work/verdicts" | awk 'NR > 1 && !/^  / { exit } { print }'
    grep -qF "$1: PDF/A-2b," "$work/verdicts"
}

must_approve "${files[@]}"
must_reject "${twins[@]}"
judged
