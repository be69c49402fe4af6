# checks.sh - what the scripts share. Call `checked` at the end.
set -u
sealpress=$1
export LC_ALL=C.UTF-8 LANGUAGE=
unset SEALPRESS_DATA
work=$(mktemp -d)
chmod 755 "$work" # as root the program's other users must get in
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
checks=0 failures=0

# expect STATUS TEXT WORD...: the program ends with the status and says the text ("" for anything).
expect() {
    local status=$1 text=$2 got=0
    shift 2
    checks=$((checks + 1))
    env LC_ALL="${lang-C.UTF-8}" "$sealpress" "$@" >out 2>&1 </dev/null || got=$?
    if [ "$got" != "$status" ] || { [ -n "$text" ] && ! grep -qF -- "$text" out; }; then
        echo "FAILED: sealpress $*: exit $got instead of $status, or no \"$text\" in:"
        sed 's/^/    /' out
        failures=$((failures + 1))
    fi
}

# holds WHAT COMMAND...: the command succeeds.
holds() {
    local what=$1
    shift
    checks=$((checks + 1))
    if ! "$@"; then
        echo "FAILED: $what"
        failures=$((failures + 1))
    fi
}

# order FILE MEMBER=JSON...: the sample order with members set; MEMBER= removes one.
order() {
    python3 - "$SEALPRESS_SOURCE/samples/certificate.json" "$@" <<'PYTHON'
import json, sys
with open(sys.argv[1], encoding="utf-8") as f:
    order = json.load(f)
for change in sys.argv[3:]:
    member, value = change.split("=", 1)
    if value:
        order[member] = json.loads(value)
    else:
        order.pop(member, None)
with open(sys.argv[2], "w", encoding="utf-8") as f:
    json.dump(order, f, ensure_ascii=False)
PYTHON
}

checked() {
    echo "$checks checks, $failures failed"
    [ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]
    exit
}
