#!/usr/bin/env bash
# Messages are Chinese or English by locale, whether or not the system has that locale. Usage: locale.sh DEMO_DIRECTORY SEALPRESS
set -u
demo=$(realpath "$1") sealpress=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LANGUAGE LC_ALL LC_MESSAGES
wrong=0

says() { # LANG EXPECTED_STATUS chinese|english COMMAND...
    local lang=$1 status=$2 language=$3 got
    shift 3
    LANG=$lang "$sealpress" "$@" >"$work/out" 2>"$work/err"
    got=$?
    python3 - "$work/out" "$work/err" "$language" <<'PYTHON' && [ "$got" -eq "$status" ] && return
import re, sys
# Names of sizes and offices stay Chinese in English text, names of options stay English in Chinese text.
text = "".join(open(p, encoding="utf-8").read() for p in sys.argv[1:3])
chinese = len(re.findall("[\u4e00-\u9fff]", text))
english = len(re.findall("[A-Za-z]{3,}", text))
ok = chinese > english if sys.argv[3] == "chinese" else english > 2 and english > 2 * chinese
sys.exit(0 if text and ok else 1)
PYTHON
    echo "LANG=$lang sealpress $*: status $got (expected $status), expected $language:"
    cat "$work/out" "$work/err"
    wrong=1
}

for command in "--help" "verify --help" "issue --help" "seal --help" "photo --help"; do
    # shellcheck disable=SC2086
    says zh_CN.UTF-8 0 chinese $command
    # shellcheck disable=SC2086
    says C 0 english $command
done
says zh_CN.UTF-8 2 chinese nothing-like-this
says C 2 english nothing-like-this
says zh_CN.UTF-8 1 chinese verify "$demo/twins/flipped.pdf"
says en_US.UTF-8 2 english verify
echo "not a pdf" >"$work/plain.txt"
says zh_CN.UTF-8 1 chinese verify "$work/plain.txt"
says C 1 english verify "$work/plain.txt"
LC_ALL=zh_CN.UTF-8 says C 1 chinese verify "$work/plain.txt"
says C 1 english issue "$work/plain.txt" --data "$demo/data" --photo "$work/plain.txt" -o "$work/x.pdf"
says zh_CN.UTF-8 1 chinese issue "$work/plain.txt" --data "$demo/data" --photo "$work/plain.txt" -o "$work/x.pdf"
[ ! -e "$work/x.pdf" ] || {
    echo "a refused order left a file"
    wrong=1
}
exit $wrong
