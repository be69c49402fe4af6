"""Compares a page before and after sealing: ink.py BEFORE.ppm AFTER.ppm. Fails when a seal hides ink or covers none."""
import re
import sys

DARK = 96  # of 255; ink is about 29, seal red has a red channel of 230
LEAST = 100  # pixels of ink under seals at 150 dpi: the strokes of two or three characters


def read_ppm(path):
    with open(path, "rb") as f:
        data = f.read()
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    return (int(head.group(1)), int(head.group(2))), data[head.end() :]


def brightest(r, g, b):
    return max(r, g, b)


def main():
    size, before = read_ppm(sys.argv[1])
    size_after, after = read_ppm(sys.argv[2])
    assert size == size_after, "the pages differ in size"
    covered = hidden = red = 0
    for i in range(0, len(before), 3):
        if before[i : i + 3] == after[i : i + 3]:
            continue
        was, now = before[i : i + 3], after[i : i + 3]
        if brightest(*was) < DARK:
            covered += 1
            hidden += brightest(*now) >= DARK
        else:
            red += now[0] > 180 and now[1] < 90 and now[2] < 90
    print(f"ink under seals: {covered} pixels, hidden: {hidden}, seal red elsewhere: {red}")
    sys.exit(0 if covered >= LEAST and hidden == 0 and red > 1000 else 1)


main()
