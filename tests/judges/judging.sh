# judging.sh - what the judges share. A judge defines approve(), which is asked about files that must pass and about
# twins, damaged on purpose, that must not: a judge that always says yes (or no) is noticed.
set -u
export LC_ALL=C.UTF-8 LANGUAGE=
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0 asked=0

must_approve() {
    local file
    for file; do
        asked=$((asked + 1))
        if approve "$file" >"$work/said" 2>&1; then
            echo "approved, as it should be: ${file##*/}"
        else
            echo "REJECTED, though it is good: $file"
            sed 's/^/    /' "$work/said"
            wrong=$((wrong + 1))
        fi
    done
}

must_reject() {
    local file
    for file; do
        asked=$((asked + 1))
        if approve "$file" >"$work/said" 2>&1; then
            echo "APPROVED, though it is bad: $file"
            sed 's/^/    /' "$work/said"
            wrong=$((wrong + 1))
        else
            echo "rejected, as it should be: ${file##*/}: $(tail -n 1 "$work/said")"
        fi
    done
}

# Ends the script: 0 when every answer was right, and there was one at all.
judged() {
    [ "$asked" -gt 0 ] || echo "nothing was judged"
    [ "$asked" -gt 0 ] && [ "$wrong" -eq 0 ]
    exit
}

# How many signatures the demo says this file has; a twin, as many as the file it was made of.
signatures_of() {
    cat "${1%.pdf}.seals" 2>/dev/null || cat "$demo/issued/landscape.seals"
}
