#!/usr/bin/env bash
# qpdf --check: syntax and cross-reference tables, signed and unsigned. Usage: qpdf.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")

approve() {
    qpdf --check "$1" 2>&1
}

must_approve "$demo"/issued/*.pdf "$demo"/unsigned/*.pdf
must_reject "$demo/twins/cut.pdf"
judged
