#!/usr/bin/env bash
# pdfsig (poppler, NSS) on every signature: valid, trusted by the root alone, and the last one covers the whole file.
# Its exit status says nothing, so its words are read. Usage: pdfsig.sh DEMO_DIRECTORY
source "$(dirname "$0")/judging.sh"
demo=$(realpath "$1")

anchor() { # NSS_DIRECTORY ROOT.pem
    mkdir -p "$1"
    certutil -N -d "sql:$1" --empty-password
    certutil -A -d "sql:$1" -n root -t "CT,C,C" -i "$2"
}
anchor "$work/nss" "$demo/root.pem" || exit 1
anchor "$work/stranger" "$demo/stranger.pem" || exit 1
nss=$work/nss

approve() {
    local said count
    count=$(signatures_of "$1")
    said=$(pdfsig -nssdir "sql:$nss" "$1" 2>&1)
    echo "$said"
    [ "$(grep -c '^Signature #' <<<"$said")" -eq "$count" ] &&
        [ "$(grep -c 'Signature Validation: Signature is Valid\.' <<<"$said")" -eq "$count" ] &&
        [ "$(grep -c 'Certificate Validation: Certificate is Trusted\.' <<<"$said")" -eq "$count" ] &&
        [ "$(grep -c 'Signature Type: ETSI.CAdES.detached' <<<"$said")" -eq "$count" ] &&
        [ "$(grep 'otal document signed' <<<"$said" | tail -n 1)" = "  - Total document signed" ]
}

must_approve "$demo"/issued/*.pdf
must_reject "$demo"/twins/{flipped,appended,replaced,signature}.pdf
nss=$work/stranger
must_reject "$demo/issued/landscape.pdf"
judged
