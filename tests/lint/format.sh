#!/usr/bin/env bash
# Every C file is as clang-format would write it.
set -u
cd "$(dirname "$0")/../.." || exit 1
find src tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
