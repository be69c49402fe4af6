#!/usr/bin/env bash
# Verifying opens no connection: strace sees no internet socket and no connect. Usage: offline.sh DEMO_DIRECTORY SEALPRESS
set -u
demo=$(realpath "$1") sealpress=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Under strace the leak checker of a sanitized build cannot work.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

traced() { # FILE COMMAND...
    local to=$1
    shift
    strace -f -qq -e trace=network -o "$to" "$@" >"$work/said" 2>&1
}

connects() {
    grep -E 'AF_INET|connect\(|sendto\(.*sin_addr' "$1"
}

looks_only() { # FILE [OPTION...]
    local file=$1 status
    shift
    traced "$work/trace" "$sealpress" verify "$demo/$file" "$@"
    status=$?
    [ $status -le 1 ] || {
        echo "verify $file $*: exit status $status"
        cat "$work/said"
        exit 1
    }
    if connects "$work/trace"; then
        echo "verify $file $* connects"
        exit 1
    fi
}

traced "$work/probe" true || {
    echo "SKIPPED: strace may not trace here: $(head -n 1 "$work/said")"
    exit 77
}
# The twin: somebody who does connect is seen.
traced "$work/twin" python3 -c 'import socket
try: socket.create_connection(("127.0.0.1", 9), 1)
except OSError: pass'
connects "$work/twin" >/dev/null || {
    echo "strace did not notice a connection, so it proves nothing"
    exit 1
}
for file in issued/landscape.pdf twins/flipped.pdf twins/cut.pdf; do
    looks_only "$file"
    looks_only "$file" --json
    looks_only "$file" --trust "$demo/root.pem"
done
echo "no connection"
