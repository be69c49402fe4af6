#!/usr/bin/env bash
# A room includes only rooms before it in the way of the data; each public header says first what it is for.
# Usage: rooms.sh [SOURCE_DIRECTORY]
set -u
cd "${1:-$(dirname "$0")/../..}/src" || exit 1
rooms=(base archive spreadsheet font artwork image records template layout pdf seal sign store backup issue filing web http api console
    preview cli)
wrong=0

complain() {
    echo "$*"
    wrong=1
}

place_of() {
    local i
    for i in "${!rooms[@]}"; do
        [ "${rooms[$i]}" = "$1" ] && echo "$i" && return
    done
    echo -1
}

for room in */; do
    [ "$(place_of "${room%/}")" -ge 0 ] || complain "src/$room is in no place of the order of rooms"
done

files=0
while IFS= read -r file; do
    files=$((files + 1))
    room=${file%%/*} mine=$(place_of "${file%%/*}")
    while IFS=: read -r line included; do
        theirs=$(place_of "${included%%/*}")
        case "$included" in
        */*) ;;
        *) complain "src/$file:$line: \"$included\" has no room; include by path" && continue ;;
        esac
        if [ "$theirs" -lt 0 ]; then
            complain "src/$file:$line: \"$included\" is of no room"
        elif [ "$theirs" -gt "$mine" ]; then
            complain "src/$file:$line: $room includes \"$included\", a room after it"
        elif [ "$theirs" -ne "$mine" ] && [[ "$included" = *_internal.h ]]; then
            complain "src/$file:$line: \"$included\" is private to ${included%%/*}"
        fi
    done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]+"([^"]+)".*/\1/;t print;b;:print =;p' "$file" |
        paste -d: - -)
done < <(find . -name '*.[ch]' -printf '%P\n' | sort)

while IFS= read -r header; do
    name=${header##*/}
    head -n 1 "$header" | grep -qE "^/\* ${name//./\\.} - .{10,}" ||
        complain "src/$header: the first line must say what it is for: /* $name - ..."
    grep -q '^#pragma once' "$header" || complain "src/$header: no #pragma once"
done < <(find . -name '*.h' -printf '%P\n' | sort)

[ "$files" -gt 0 ] || complain "no source files"
exit $wrong
