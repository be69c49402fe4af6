#!/usr/bin/env bash
# No file names a path of somebody's machine or the host of a package registry: the tree must build anywhere.
# Usage: texts.sh [SOURCE_DIRECTORY]
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 1
# Written so that this file does not match itself.
paths='(^|[^A-Za-z0-9_.-])/(wor[k]|roo[t]|hom[e]/[a-z]+|opt/whee[l]s)/'
hosts='(registr[y]\.npmjs|pyp[i]\.org|pythonhoste[d]|rep[o]1?\.maven|rep[o]\.apache|centra[l]\.sonatype|mvnrepositor[y]|npmj[s]\.|crate[s]\.io|goprox[y]|deb\.debia[n]\.org|[a-z0-9.-]*artifactor[y])'
files() {
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git ls-files -co --exclude-standard -z
    else
        find . -type f -not -path './build*' -not -path './.git/*' -print0
    fi
}
[ "$(files | tr '\0' '\n' | wc -l)" -gt 0 ] || {
    echo "no files"
    exit 1
}
if files | xargs -0 grep -nIE -e "$paths" -e "$hosts" --; then
    echo "the lines above name a machine's path or a registry"
    exit 1
fi
exit 0
