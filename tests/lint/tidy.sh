#!/usr/bin/env bash
# clang-tidy and cppcheck over the rooms, two at a time. Usage: tidy.sh BUILD_DIRECTORY [--deep] (with
# compile_commands.json). --deep: clang's analyzer follows each function as far as it likes, which takes four times as
# long; by hand, before a release.
set -u
build=$(realpath "$1")
depth=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=40000)
[ "${2-}" = --deep ] && depth=()
cd "$(dirname "$0")/../.." || exit 1
wrong=0
mapfile -t files < <(python3 - "$build/compile_commands.json" "$PWD/src/" <<'PYTHON'
import json, sys
with open(sys.argv[1]) as f:
    print(*sorted({c["file"] for c in json.load(f) if c["file"].startswith(sys.argv[2])}), sep="\n")
PYTHON
)
[ ${#files[@]} -gt 0 ] || exit 1
printf '%s\0' "${files[@]}" | xargs -0 -P 2 -n 4 clang-tidy -p "$build" --quiet "${depth[@]}" 2>/dev/null || wrong=1
cppcheck --quiet --error-exitcode=1 -j 2 --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=internalAstError -D_GNU_SOURCE -Isrc "${files[@]}" 2>&1 || wrong=1
exit $wrong
