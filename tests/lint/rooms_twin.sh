#!/usr/bin/env bash
# The check of the rooms notices what it is there to notice.
set -u
check=$(cd "$(dirname "$0")" && pwd)/rooms.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/src/{base,font,pdf}

printf '/* a.h - a header that says what it is for. */\n#pragma once\n#include <stdio.h>\n' >"$work/src/base/a.h"
printf '#include "base/a.h"\n#include "font/b.h"\n' >"$work/src/pdf/c.c"
printf '/* b.h - another header with a purpose. */\n#pragma once\n' >"$work/src/font/b.h"
bash "$check" "$work" || {
    echo "a tree in order was refused"
    exit 1
}
refuses() { # FILE TEXT
    cp -r "$work/src" "$work/kept"
    printf '%b' "$2" >"$work/src/$1"
    bash "$check" "$work" >/dev/null && {
        echo "not noticed: $1: $2"
        exit 1
    }
    rm -rf "$work/src"
    mv "$work/kept" "$work/src"
}
refuses font/d.c '#include "pdf/e.h"\n'
refuses font/d.c '#  include "pdf/e.h"\n'
refuses font/d.c '#include "e.h"\n'
refuses font/d.c '#include "nowhere/e.h"\n'
refuses pdf/d.c '#include "font/font_internal.h"\n'
refuses font/d.h '#pragma once\n'
refuses font/d.h '/* d.h - a header with a purpose. */\n'
mkdir "$work/src/nowhere"
bash "$check" "$work" >/dev/null && exit 1
echo "every fault was noticed"
