"""The width of a QR module on paper: module.py PAGE.pgm DPI LEAST_MM. Fails when it is under LEAST_MM.

Looks for the finder patterns of the code: rows whose dark and light runs are as 1:1:3:1:1, at the same place in many rows."""
import collections
import re
import statistics
import sys

SHAPE = (1, 1, 3, 1, 1)


def read_pgm(path):
    with open(path, "rb") as f:
        data = f.read()
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    return int(head.group(1)), int(head.group(2)), data[head.end() :]


def finders(row):
    """Left edge and width of what looks like a finder pattern in a row of b"d" and b"l"."""
    runs = [(m.start(), m.end() - m.start(), m.group()[:1] == b"d") for m in re.finditer(rb"d+|l+", row)]
    for i in range(len(runs) - len(SHAPE) + 1):
        window = runs[i : i + len(SHAPE)]
        width = sum(length for _, length, _ in window)
        module = width / sum(SHAPE)
        if window[0][2] and module >= 2 and all(
                abs(length - n * module) <= max(1.5, 0.3 * module) for n, (_, length, _) in zip(SHAPE, window)):
            yield window[0][0], width


def main():
    width, height, pixels = read_pgm(sys.argv[1])
    dots_per_mm, least = float(sys.argv[2]) / 25.4, float(sys.argv[3])
    pixels = pixels.translate(bytes(b"d"[0] if i < 128 else b"l"[0] for i in range(256)))
    places = collections.defaultdict(list)
    for y in range(0, height, 2):
        for left, across in finders(pixels[y * width : (y + 1) * width]):
            places[left // 4].append(across)
    # Three modules high, every second row: a pattern is met at least 1.5 modules' worth of times.
    found = [statistics.median(widths) / 7 for widths in places.values() if len(widths) >= statistics.median(widths) / 7]
    if not found:
        sys.exit("no finder pattern of a QR code")
    module = statistics.median(found) / dots_per_mm
    print(f"module {module:.3f} mm")
    sys.exit(0 if module >= least else 1)


main()
