#!/usr/bin/env bash
# import and export: a filing from its files to one archive, what is refused, and the same call again.
. "$(dirname "$0")/checks.sh"
photo=$SEALPRESS_SOURCE/samples/photo.jpg
filing=$SEALPRESS_SOURCE/samples/filing.json
entries=$SEALPRESS_SOURCE/samples/entries.csv
number=皖测社秘〔2026〕1号

expect 1 "is no data directory" import "$filing" --entries "$entries" --data nowhere
expect 1 "is no data directory" export "$number" -o x.zip --data nowhere
"$sealpress" init --demo --data demo >/dev/null 2>&1 || { echo "init failed"; exit 1; }
export SEALPRESS_DATA=$work/demo
"$sealpress" render commitment-letter --blank -o approval.pdf || exit 1
mkdir photos
for n in 01 02 03 04 06 07 08 09 10 11 12; do cp "$photo" "photos/00$n.jpg"; done

# Called wrongly.
expect 2 "FILING.json is missing" import
expect 2 "exclude each other" import "$filing" --draft --approved
expect 2 "--check checks" import "$filing" --check
expect 2 "--old takes" import --old "$entries"
expect 2 "--profile belongs" import "$filing" --profile demo
expect 2 "-o CERTIFICATES.zip is missing" export "$number"
expect 0 "Usage: sealpress import" import --help
lang=zh_CN.UTF-8 expect 0 "用法：sealpress export" export --help

# A check keeps nothing; of a list that is refused nothing is kept.
expect 0 "12 rows checked, 12 of them good" import "$filing" --entries "$entries" --check
expect 1 "no filing with the id or approval number" export "$number" -o x.zip
sed 's/,居民身份证,340000197811031274,/,居民身份证,340000197811031275,/' "$entries" >bad.csv
expect 1 "row 4" import "$filing" --entries bad.csv --document approval.pdf --approved
holds "the number is masked" grep -q '340000\*\*\*\*\*\*\*\*1275' out
holds "all or nothing" grep -q "none of them was taken" out
expect 1 "certificate that can be downloaded" export "$number" -o x.zip
holds "no file where nothing could be written" [ -z "$(ls x.zip* 2>/dev/null)" ]
printf '\360\263\220\200' >odd && sed "s/王𡐓/王$(cat odd)/" "$entries" >glyph.csv
expect 1 "row 7" import "$filing" --entries glyph.csv --check
sed '3,$!d;1,2d' "$entries" | sed '1s/.*/"a","b"/' >headless.csv
expect 1 "column titles" import "$filing" --entries headless.csv --check
head -c 3000 /dev/urandom >noise.xlsx
printf 'PK\003\004' | dd of=noise.xlsx conv=notrunc 2>/dev/null
expect 1 "" import "$filing" --entries noise.xlsx --check
expect 1 "must be a PDF" import "$filing" --entries "$entries" --document "$photo"
expect 1 "There is no file" import "$filing" --entries nothing.csv
expect 1 "Cannot read" import "$filing" --photos nothing.zip
echo '{"name":' >broken.json
expect 1 "Not valid JSON" import broken.json
sed 's/"demo-organiser"/"demo-issuer"/; s/"demo-filing"/"demo"/' "$filing" >own.json
expect 1 "cannot file with itself" import own.json --entries "$entries"

# Step by step: a draft, submitted, then all of it.
expect 0 "being edited" import "$filing" --entries "$entries" --draft
expect 0 "not submitted yet" import "$filing" --entries "$entries"
expect 0 "submitted: the issuing authority decides" import "$filing" --entries "$entries" --document approval.pdf
expect 0 "stays as it is" import "$filing" --entries bad.csv
cp "$photo" photos/0099.jpg && head -c 3000 "$photo" >photos/0005.jpg && echo x >photos/notes.txt
expect 1 "11 made, 1 wait for a photo" import "$filing" --photos photos --approved
for file in 0099.jpg 0005.jpg notes.txt; do
    holds "$file is told" grep -q "^$file: " out
done
rm photos/0099.jpg photos/notes.txt && cp "$photo" photos/0005.jpg
(cd photos && python3 -m zipfile -c ../photos.zip ./*.jpg)
expect 0 "12 made, 0 wait for a photo" import "$filing" --photos photos.zip --approved
expect 0 "12 made" import "$filing" --approved
holds "one filing" [ "$("$sealpress" import "$filing" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["entries"]["made"], d["accession"])')" = "12 done" ]
holds "nothing stays in the inbox" [ -z "$(ls demo/inbox)" ]

# One archive, whole, in the order of the list.
expect 0 "12 certificates" export "$number" -o all.zip
holds "it unpacks" python3 -m zipfile -t all.zip
python3 -m zipfile -e all.zip unpacked
holds "12 certificates" [ "$(ls unpacked/*.pdf | wc -l)" -eq 12 ]
holds "its sums" sh -c 'cd unpacked && sha256sum --quiet -c SHA256SUMS'
holds "an old number is kept" [ -e "unpacked/虚构33_周历史.pdf" ]
holds "the manifest masks" [ -z "$(grep -o '34000019781103' unpacked/manifest.csv)" ]
one=$(ls unpacked/*_龙㛃䶮.pdf)
expect 0 "" verify "$one"
"$sealpress" export "$number" -o - >stream.zip 2>/dev/null
holds "the same by standard output" cmp all.zip stream.zip
expect 3 "Cannot write" export "$number" -o missing/x.zip
expect 1 "is a directory" export "$number" -o .
holds "no temporary file stays" [ -z "$(find . -maxdepth 1 -name 'all.zip.*')" ]

# All at once, while a service runs, and its workers help.
sed 's/1号/2号/' "$filing" >second.json
sed 's/虚构33/虚构34/' "$entries" >second.csv
"$sealpress" serve --listen 127.0.0.1:0 >serving 2>service.log &
service=$!
for _ in $(seq 100); do grep -q http serving && break; sleep 0.2; done
expect 0 "12 made" import second.json --entries second.csv --document approval.pdf --approved
holds "people have brought their photos" grep -q "12 of these people had a photo" out
expect 0 "12 certificates" export 皖测社秘〔2026〕2号 -o second.zip
kill "$service" && wait "$service"

# Killed at any moment, all its processes at once: the same call again carries on, and nothing is made twice.
sed 's/1号/3号/' "$filing" >third.json
sed 's/虚构33/虚构35/' "$entries" >third.csv
for after in 0.3 0.6 1 1.5 2.5; do
    setsid "$sealpress" import third.json --entries third.csv --document approval.pdf --photos photos --approved \
        >/dev/null 2>&1 </dev/null &
    sleep "$after"
    kill -9 -- "-$!" 2>/dev/null
    wait "$!" 2>/dev/null
done
expect 0 "12 made, 0 wait for a photo" import third.json --entries third.csv --document approval.pdf --photos photos \
    --approved
expect 0 "12 certificates" export 皖测社秘〔2026〕3号 -o third.zip
python3 -m zipfile -e third.zip third
holds "12 certificates, 12 numbers" [ "$(ls third/*.pdf | wc -l)" -eq 12 ]

# Ctrl-C ends it in order, and says that nothing is lost.
sed 's/1号/4号/' "$filing" >fourth.json
sed 's/虚构33/虚构36/' "$entries" >fourth.csv
setsid "$sealpress" import fourth.json --entries fourth.csv --document approval.pdf --approved >ended 2>&1 </dev/null &
import=$!
sleep 0.5
kill -TERM -- "-$import"
wait "$import"
expect 0 "12 made" import fourth.json --entries fourth.csv --document approval.pdf --approved

# Old certificates: records of what was issued elsewhere.
cat >old.csv <<'CSV'
姓名,证件类型,证件号码,性别,出生日期,系列,专业,资格名称,级别,证书编号(历史),发证日期,发证机关
张测试,军官证,南字第00012345号,男,1980-08-01,卫生技术人员,普通外科,主治医师,中级,第三方33,2003.6.30,虚构市人事局
CSV
expect 0 "1 rows checked" import --old old.csv --profile demo --check
expect 0 "1 of 1 rows taken" import --old old.csv --profile demo
expect 1 "in the register already" import --old old.csv --profile demo
expect 1 "" import --old old.csv --profile nobody
checked
