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
mkdir nothing && touch nothing/template.md
expect 1 "the folder here is written ./nothing" templates check nothing
rm -r nothing
echo '[' >broken.json
expect 1 "Not valid JSON" render certificate broken.json -o x.pdf
expect 1 "--photo" render certificate "$sample" -o x.pdf --photo broken.json
holds "nothing was written" [ ! -e x.pdf ]

# a misspelt field prints nothing, but is not passed over in silence
echo '{"nmae": "张三", "opinions": {}}' >misspelt.json
expect 0 'no field "nmae"' render publicity-proof misspelt.json -o x.pdf
expect 0 "" render publicity-proof "$SEALPRESS_SHARE/templates/publicity-proof/sample.json" -o x.pdf
holds "nothing is said of the sample" [ ! -s out ]
rm x.pdf

# what does not go together
expect 2 "takes no data" render certificate "$sample" --blank -o x.pdf
expect 2 "--blank goes with no" render certificate --blank --draft -o x.pdf
expect 2 "--blank goes with no" render certificate --blank --photo p.jpg -o x.pdf
expect 2 "exclude each other" render certificate "$sample" --draft --void -o x.pdf
expect 2 "DATA.json is missing" render certificate -o x.pdf
# nobody gets a certificate that is not said to be a specimen
expect 1 "has no blank form" render certificate --blank -o x.pdf
expect 1 "is a specimen" render certificate "$sample" --draft -o x.pdf
expect 1 "is a specimen" render certificate "$sample" --void -o x.pdf
holds "nothing was written" [ ! -e x.pdf ]

# nor from a copy that says it were something else
for line in "unsealed: plain" "unsealed: draft" "sealable: no" "blank: yes"; do
    rm -rf copy && cp -rL "$SEALPRESS_SHARE/templates/certificate" copy && chmod -R u+w copy
    sed -i "s/^sealable: yes/$line/" copy/template.md
    expect 1 "copy/template.md, line 8" templates check ./copy
    expect 1 "is a certificate" render ./copy "$sample" -o x.pdf
    expect 1 "is a certificate" render ./copy --blank -o x.pdf
done
printf -- '---\nlike: copy\nunsealed: plain\n---\n' >plain.md
sed -i "s/^blank: yes/sealable: yes/" copy/template.md
mkdir plain && mv plain.md plain/template.md && cp copy/sample.json plain/
expect 1 "plain/template.md, line 3" render ./plain "$sample" -o x.pdf
holds "nothing was written" [ ! -e x.pdf ]

# an author's own folder, and a share of his with a broken template in it
mkdir share share/templates form
for thing in "$SEALPRESS_SHARE"/*; do [ "${thing##*/}" = templates ] || ln -s "$thing" share/; done
ln -s "$SEALPRESS_SHARE"/templates/certificate "$SEALPRESS_SHARE"/templates/certificate-portrait share/templates/
cat >form/template.md <<'MARKDOWN'
---
title: 登记表
page: A5
unsealed: draft
blank: yes
---

# 登记表

姓名：{{name | blank:"8"}}
MARKDOWN
echo '{"name": "测试员"}' >form/sample.json
expect 0 "./form  fine, 1 page" templates check ./form
expect 0 "" render ./form form/sample.json -o draft.pdf
expect 0 "" render ./form form/sample.json --void -o void.pdf
expect 0 "" render ./form --blank -o blank.pdf
holds "marks differ" sh -c '! cmp -s draft.pdf void.pdf && ! cmp -s draft.pdf blank.pdf'
if command -v pdftotext >/dev/null; then
    pdftotext blank.pdf text.txt
    holds "a blank form has its wording" grep -q "姓名" text.txt
    holds "and nobody in it" sh -c '! grep -qE "测试员|稿|样" text.txt'
fi
expect 1 "There is no file" templates check ./nowhere
mkdir share/templates/wrong
sed 's/{{name/{{nmae/' form/template.md >share/templates/wrong/template.md
cp form/sample.json share/templates/wrong/
cp -r form share/templates/
export SEALPRESS_SHARE=$work/share
expect 0 "certificate  fine" templates check certificate
expect 1 "wrong/template.md, line 10" templates check wrong
expect 1 "certificate  fine" templates check
expect 1 "wrong/template.md, line 10" templates check
expect 0 "cannot be loaded" templates list
expect 1 "wrong/template.md, line 10" render wrong form/sample.json -o x.pdf
expect 0 "" render certificate "$sample" -o x.pdf
expect 0 "" init --demo --data demo
expect 1 "not for certificates" issue "$SEALPRESS_SOURCE/samples/certificate.json" --photo "$SEALPRESS_SOURCE/samples/photo.jpg" \
    --template form -o x2.pdf --data demo
sed 's/"template": "certificate"/"template": "wrong"/' "$SEALPRESS_SOURCE/samples/offices.json" >wrong.json
expect 1 "/template: wrong/template.md, line 10" init --data demo --offices wrong.json
sed 's/"template": "certificate"/"template": "form"/' "$SEALPRESS_SOURCE/samples/offices.json" >wrong.json
expect 1 "/template: Template \"form\" is not for certificates" init --data demo --offices wrong.json
mkdir share/templates/half && cp form/template.md share/templates/half/
(cd share/templates && "$sealpress" templates check half >"$work/out" 2>&1)
holds "a broken one of the installation is told as itself, also from beside it" grep -q "half/sample.json" out
rm -r share/templates/half
expect 0 "event=template_broken template=wrong" serve -n --data demo
checked
