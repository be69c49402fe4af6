#!/usr/bin/env bash
# render and templates: any template without a store; what could bear seals is a specimen.
. "$(dirname "$0")/checks.sh"

expect 0 "certificate" templates list
holds "the roles are listed" grep -q "committee" out
expect 0 "certificate-portrait  fine" templates check
expect 0 "certificate  fine" templates check certificate
expect 1 "There is no template" templates check nothing
sample=$SEALPRESS_SHARE/templates/certificate/sample.json
expect 0 "" render certificate "$sample" -o one.pdf
expect 0 "" render certificate "$sample" -o two.pdf
holds "the same input gives the same bytes" cmp one.pdf two.pdf
expect 0 "" render certificate "$sample" -o photo.pdf --photo "$SEALPRESS_SOURCE/samples/photo.jpg"
holds "no signature, no field to sign" sh -c '! grep -aqE "/Sig|ByteRange" photo.pdf'
if command -v pdftotext >/dev/null; then
    pdftotext one.pdf text.txt # the watermark stands aslant: its characters come one by one
    for character in 样 张 无 效; do
        holds "it says that it is a specimen" grep -q "$character" text.txt
    done
fi
expect 1 "There is no template" render nothing "$sample" -o x.pdf
expect 1 "There is no file" render certificate nothing.json -o x.pdf
echo '[' >broken.json
expect 1 "Not valid JSON" render certificate broken.json -o x.pdf
expect 1 "--photo" render certificate "$sample" -o x.pdf --photo broken.json
holds "nothing was written" [ ! -e x.pdf ]
checked
