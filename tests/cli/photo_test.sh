#!/bin/sh
# The photo command as people call it: what it writes, what it says, and its exit status.
set -eu
sealpress=$1
export LC_ALL=C.UTF-8 LANGUAGE=
photo=$SEALPRESS_SOURCE/samples/photo.jpg
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failures=0
count=0

# expect STATUS TEXT WORD...: the command ends with the status and its output holds the text.
expect() {
    status=$1 text=$2
    shift 2
    count=$((count + 1))
    got=0
    "$sealpress" photo "$@" >out 2>&1 || got=$?
    if [ "$got" != "$status" ] || ! grep -qF -- "$text" out; then
        echo "FAILED: photo $*: exit $got instead of $status, or no \"$text\" in:"
        cat out
        failures=$((failures + 1))
    fi
}

# holds FILE WIDTH HEIGHT: the size in the JPEG's frame header, and no EXIF.
holds() {
    count=$((count + 1))
    size=$(od -An -v -tx1 "$1" | tr -d ' \n' | sed -n 's/.*ffc0001108\(.\{8\}\).*/\1/p')
    if [ "$size" != "$(printf '%04x%04x' "$3" "$2")" ] || grep -q Exif "$1"; then
        echo "FAILED: $1 is not $2x$3: $size"
        failures=$((failures + 1))
    fi
}

expect 0 '413×579 from a photo of 1200×1600' "$photo" -o a.jpg
holds a.jpg 413 579
expect 0 'b.jpg' "$photo" --out=b.jpg --size 大2寸 --rotate -3.5 --zoom 1.2
holds b.jpg 413 626
expect 0 '295×413' "$photo" -o c.jpg --size 1cun --crop 300,150,590,826
holds c.jpg 295 413
expect 0 'enlarged 2.0 times' "$photo" -o d.jpg --crop 400,300,206.5,289.5
"$sealpress" photo "$photo" -o again.jpg >/dev/null
cmp a.jpg again.jpg || failures=$((failures + 1))

expect 1 'Take 600×841 or 428×600' "$photo" -o x.jpg --crop 0,0,600,600
expect 1 'beyond the picture' "$photo" -o x.jpg --crop 900,1000,413,579
expect 1 'blurred' "$photo" -o x.jpg --zoom 20
head -c 20000 "$photo" >cut.jpg
expect 1 'damaged' cut.jpg -o x.jpg
expect 1 'not a photo' "$SEALPRESS_SOURCE/CMakeLists.txt" -o x.jpg
expect 1 'no file' missing.jpg -o x.jpg
head -c 10485761 /dev/zero >large.jpg
expect 1 'larger than 10 MB' large.jpg -o x.jpg
expect 3 'Cannot' "$photo" -o nowhere/x.jpg

expect 2 '-o OUT.jpg' "$photo"
expect 2 'missing' -o x.jpg
for angle in 3x nan inf 0x10 '' 361 1e1 ' 3' --; do
    expect 2 '--rotate' "$photo" -o x.jpg --rotate "$angle"
done
for zoom in 0 -1 1,5 1.2.3; do
    expect 2 '--zoom' "$photo" -o x.jpg --zoom "$zoom"
done
for crop in 1,2,3 1,2,3,4,5 a,b,c,d 0,0,0,0 1,2,-3,4 ''; do
    expect 2 '--crop' "$photo" -o x.jpg --crop "$crop"
done
expect 2 '--size' "$photo" -o x.jpg --size 3寸
expect 0 'Usage: sealpress photo' --help
LC_ALL=zh_CN.UTF-8 expect 1 '照片已损坏' cut.jpg -o x.jpg
count=$((count + 1))
if [ -e x.jpg ]; then
    echo "FAILED: a refused photo was written"
    failures=$((failures + 1))
fi
echo "$count checks, $failures failed"
[ "$failures" = 0 ]
