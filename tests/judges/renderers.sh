#!/usr/bin/env bash
# Blank forms look the same in poppler, MuPDF and PDFium (what Chromium shows PDF with).
# Usage: renderers.sh SOURCE SEALPRESS BUILD
set -u
here=$(cd "$(dirname "$0")" && pwd)
tools=$3/renderers
python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "python3-venv is missing"; exit 77; }
if ! "$tools/bin/python" -c 'import pypdfium2' 2>/dev/null; then
    python3 -m venv "$tools" && "$tools/bin/pip" --quiet --disable-pip-version-check install pypdfium2 ||
        { echo "pypdfium2 cannot be installed"; exit 1; }
fi
exec "$tools/bin/python" "$here/renderers.py" "$1" "$2"
