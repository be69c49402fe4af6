#!/usr/bin/env bash
# backup, restore, recover: a copy of one moment comes back, and no number is given again.
. "$(dirname "$0")/checks.sh"
photo=$SEALPRESS_SOURCE/samples/photo.jpg

"$sealpress" init --demo --data demo >/dev/null 2>&1 || { echo "init failed"; exit 1; }
export SEALPRESS_DATA=$work/demo
issued() { # N: order N is issued, and prints its number
    order "order-$1.json" "biz_no=\"B-$1\""
    expect 0 "934202500041300000$1" issue "order-$1.json" --photo "$photo" -o "$1.pdf"
}

issued 1
expect 0 "files" backup copy
issued 2
issued 3
holds "the backup has one file" [ "$(find copy/files -name '*.pdf' | wc -l)" -eq 1 ]
expect 0 "files" backup copy
holds "the second time brings the new ones" [ "$(find copy/files -name '*.pdf' | wc -l)" -eq 3 ]
cp -a copy early
issued 4

# What is no place for a backup, or none to come from.
mkdir other && touch other/thing
expect 1 "neither empty nor a backup" backup other
expect 1 "inside the data directory" backup demo/backup
expect 1 "no database" backup new --data nowhere
expect 1 "no backup" restore other --data fresh
expect 1 "not empty" restore copy
cp -r copy damaged && printf x >>damaged/sealpress.db
expect 1 "no whole backup" restore damaged --data fresh
holds "nothing is left of it" [ ! -e fresh/config.json ]
expect 2 "margin" recover --margin -1

# Into an empty directory: closed until recover, then behind everything that was given out.
expect 0 "recover" restore early --data fresh
order order-5.json 'biz_no="B-5"'
expect 3 "recover" issue order-5.json --photo "$photo" -o x.pdf --data fresh
expect 0 "" verify 3.pdf --data fresh
expect 0 "open again" recover --margin 10 --data fresh
expect 0 "issued" issue order-1.json --photo "$photo" -o again.pdf --data fresh
holds "what was issued before the backup is what it was" cmp 1.pdf again.pdf
expect 0 "93420250004130" issue order-5.json --photo "$photo" -o 5.pdf --data fresh
number=$(grep -oE '9342025000413[0-9]{6}' out | head -n 1)
holds "the number is beyond margin and log ($number)" [ "${number#9342025000413}" -gt 14 ]

# Over a directory that is in use: its files are taken into the register.
expect 0 "recover" restore early --over
holds "the database is put aside" [ -s demo/sealpress.db.before-restore-1 ]
expect 3 "recover" issue order-5.json --photo "$photo" -o x.pdf
expect 0 "registered by their number: 1" recover
expect 0 "registered by their number: 0" recover
expect 0 "93420250004130" issue order-5.json --photo "$photo" -o 5.pdf
number=$(grep -oE '9342025000413[0-9]{6}' out | head -n 1)
holds "the number is a new one ($number)" [ "${number#9342025000413}" -gt 4 ]

# An interrupted backup leaves the last one whole.
mkdir -p half && cp -a early/. half/ && printf x >half/sealpress.db.new
expect 0 "files" backup half
holds "and is gone on with" [ ! -e half/sealpress.db.new ]
checked
