"""The width of a QR module on paper: module.py PAGE.pgm ZBAR.xml DPI LEAST_MM. Fails when it is under LEAST_MM.

zbar says where the code is; its finder pattern (7 dark modules wide, 7 high) is then measured on the page."""
import re
import sys


def read_pgm(path):
    with open(path, "rb") as f:
        data = f.read()
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    return int(head.group(1)), int(head.group(2)), data[head.end() :]


def main():
    width, height, pixels = read_pgm(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as f:
        points = re.search(r'points="([^"]+)"', f.read()).group(1)
    corners = [tuple(map(int, p.split(","))) for p in points.split()]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    margin = 12
    # The first dark pixel of the first dark row near the corner begins the upper edge of the finder pattern.
    for y in range(max(0, top - margin), min(height, top + margin)):
        row = pixels[y * width : (y + 1) * width]
        for x in range(max(0, left - margin), left + margin):
            run = 0
            while x + run < width and row[x + run] < 100:
                run += 1
            if run > 40:
                module = run / 7 * 25.4 / float(sys.argv[3])
                print(f"module {module:.3f} mm")
                sys.exit(0 if module >= float(sys.argv[4]) else 1)
    sys.exit("no finder pattern where zbar saw the code")


main()
