#!/usr/bin/env bash
# The description of the API satisfies a public validator: openapi_test.sh FILE DIRECTORY. Keeps the validator in DIRECTORY.
set -u
file=$1 tools=$2
python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "python3-venv is missing"; exit 77; }
if [ ! -x "$tools/bin/openapi-spec-validator" ]; then
    python3 -m venv "$tools" && "$tools/bin/pip" --quiet --disable-pip-version-check install openapi-spec-validator ||
        { rm -rf "$tools"; echo "the validator cannot be installed here"; exit 77; }
fi
"$tools/bin/openapi-spec-validator" "$file" || exit 1
# Broken on purpose it is noticed.
broken=$(mktemp) && trap 'rm -f "$broken"' EXIT
sed 's/"in": "path"/"in": "pth"/' "$file" >"$broken"
! "$tools/bin/openapi-spec-validator" "$broken" >/dev/null 2>&1 || { echo "a broken description passes"; exit 1; }
echo "2 checks, 0 failed"
