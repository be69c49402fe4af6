#!/usr/bin/env bash
# The same input gives the same bytes before signing, and other input others. Usage: reproducible.sh DEMO_DIRECTORY SEALPRESS
set -u
demo=$(realpath "$1") sealpress=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for template in certificate certificate-portrait; do
    sample=$(dirname "$0")/../../templates/$template/sample.json
    for copy in first second; do
        "$sealpress" render "$template" "$sample" -o "$work/$copy.pdf" || exit 1
        sleep 1.1 # a clock that leaks into the file shows
    done
    cmp "$work/first.pdf" "$work/second.pdf" || exit 1
    python3 - "$sample" "$work/other.json" <<'PYTHON' || exit 1
import json, sys
def change(value, name=None):
    if isinstance(value, dict):
        return {k: change(v, k) for k, v in value.items()}
    return "另一个人" if name == "name" and isinstance(value, str) else value
with open(sys.argv[1], encoding="utf-8") as f:
    sample = json.load(f)
other = change(sample)
assert other != sample, "the sample has no name"
with open(sys.argv[2], "w", encoding="utf-8") as f:
    json.dump(other, f, ensure_ascii=False)
PYTHON
    "$sealpress" render "$template" "$work/other.json" -o "$work/other.pdf" || exit 1
    if cmp -s "$work/first.pdf" "$work/other.pdf"; then
        echo "$template: another name gave the same bytes"
        exit 1
    fi
    echo "$template: same bytes twice"
done
