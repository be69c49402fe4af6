#!/usr/bin/env bash
# As the server's user no file of keys/ opens; as the signer's each does. Needs root, to become them; else skipped (77).
# Usage: keys.sh DEMO_DIRECTORY
set -u
keys=$(realpath "$1")/data/keys
if [ "$(id -u)" -ne 0 ] || ! id sealpress >/dev/null 2>&1 || ! id sealpress-signer >/dev/null 2>&1; then
    echo "SKIPPED: only root, with the users sealpress and sealpress-signer, can try the isolation of keys"
    exit 77
fi
opens() { # USER FILE
    setpriv --reuid "$1" --regid "$1" --clear-groups cat "$2" >/dev/null 2>&1
}
count=0
while IFS= read -r file; do
    count=$((count + 1))
    if opens sealpress "$file"; then
        echo "the server's user opens $file"
        exit 1
    fi
    # The twin: otherwise a directory that nobody reaches would prove nothing.
    opens sealpress-signer "$file" || {
        echo "the signer's user cannot open $file"
        exit 1
    }
done < <(find "$keys" -type f)
[ "$count" -gt 0 ] || {
    echo "no keys in $keys"
    exit 1
}
setpriv --reuid sealpress --regid sealpress --clear-groups ls "$keys" >/dev/null 2>&1 && {
    echo "the server's user lists $keys"
    exit 1
}
echo "$count files of keys/ are closed to the server's user"
