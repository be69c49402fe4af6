#!/usr/bin/env bash
# Installs what building and testing need, builds with sanitizers and as released, runs every test in both builds, and
# prints the count last. Usage: tests/run.sh [--quick]; --quick: only the sanitized build and the unit tests.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=no
case "${1-}" in
"") ;;
--quick) quick=yes ;;
*)
    echo "usage: tests/run.sh [--quick]" >&2
    exit 2
    ;;
esac

# To build and to run.
mapfile -t packages <samples/packages.txt
# To test.
packages+=(libcmocka-dev openssl python3 util-linux)
if [ "$quick" = no ]; then
    packages+=(poppler-utils mupdf-tools unicode-data qpdf zbar-tools imagemagick libnss3-tools strace libpdfbox2-java
        libfontbox2-java libcommons-logging-java libbcprov-java libbcpkix-java libbcutil-java default-jdk-headless maven
        clang-format clang-tidy cppcheck nginx-light chromium chromium-driver python3-venv unzip p7zip-full)
fi

# A package counts as present under its own name or as a version of the same that something else brought in.
present() {
    case "$1" in
    default-jdk-headless) command -v javac >/dev/null ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    esac
}

install_packages() {
    local missing=() p

    for p in "${packages[@]}"; do
        present "$p" || missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "tests/run.sh: please install as root: apt-get install ${missing[*]}" >&2
        exit 3
    fi
    echo "installing ${missing[*]}"
    # A mirror that does not answer is no reason to stop while the lists at hand are good enough.
    apt-get update -qq || echo "tests/run.sh: apt-get update failed; trying with the lists at hand" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# As root the program's two processes run as these users; without them the isolation of keys would go untested.
add_users() {
    [ "$(id -u)" -eq 0 ] || return 0
    for user in sealpress sealpress-signer; do
        getent passwd "$user" >/dev/null ||
            useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$user"
    done
}

build() { # DIRECTORY BUILD_TYPE [OPTION...]
    local dir=$1 type=$2
    shift 2
    if command -v ccache >/dev/null; then
        set -- -DCMAKE_C_COMPILER_LAUNCHER=ccache "$@"
    fi
    echo "building $dir"
    cmake -S . -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE="$type" -DSEALPRESS_TESTS=ON "$@" >/dev/null && ninja -C "$dir" --quiet
}

passed=0 failed=0 skipped=0
count() { # JUNIT_FILE
    local suite
    suite=$(sed -n '/<testsuite/,/>/p;/<testcase/q' "$1" | tr '\n\t' '  ')
    number() { sed -nE "s/.*[[:space:]]$1=\"([0-9]+)\".*/\1/p" <<<"$suite"; }
    local all failures left
    all=$(number tests)
    failures=$(number failures)
    left=$(($(number skipped) + $(number disabled)))
    failed=$((failed + failures))
    skipped=$((skipped + left))
    passed=$((passed + all - failures - left))
}

run_tests() { # DIRECTORY [CTEST_OPTION...]
    local dir=$1
    shift
    rm -f "$dir/results.xml"
    echo "== $dir"
    ctest --test-dir "$dir" --output-on-failure --no-tests=error -j 2 --output-junit results.xml "$@" || true
    if [ -s "$dir/results.xml" ]; then
        count "$dir/results.xml"
    else
        echo "tests/run.sh: $dir: no tests were run" >&2
        failed=$((failed + 1))
    fi
}

build_and_test() { # DIRECTORY BUILD_TYPE CMAKE_OPTION CTEST_OPTION...
    if build "$1" "$2" "$3"; then
        run_tests "$1" "${@:4}"
    else
        echo "tests/run.sh: $1 does not build" >&2
        failed=$((failed + 1))
    fi
}

install_packages
add_users
if [ "$quick" = yes ]; then
    build_and_test build-asan Debug -DSEALPRESS_SANITIZE=ON -LE 'judge|lint'
else
    build_and_test build-asan Debug -DSEALPRESS_SANITIZE=ON
    build_and_test build Release -DSEALPRESS_SANITIZE=OFF
fi

summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
