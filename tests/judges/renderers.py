"""Blank forms look the same whoever paints them: renderers.py SOURCE SEALPRESS.

Each page is painted by poppler, MuPDF and PDFium, in grey at 72 dpi, and made coarse: cells of 3 mm. What differs between
rasterizers is the grey of edges; a word that one of them leaves out (as MuPDF does with what stands in an unsigned signature
field) is a cell that differs by far more."""
import pathlib
import re
import subprocess
import sys
import tempfile

import pypdfium2

DPI, CELL, FAR = 72, 8, 45  # pixels a side of a cell; levels of 255


def read_pgm(data):
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    return int(head[1]), int(head[2]), data[head.end():]


def poppler(pdf, page, work):
    out = work / "poppler"
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-f", str(page), "-l", str(page), "-singlefile", pdf, out],
                   check=True)
    return read_pgm(out.with_suffix(".pgm").read_bytes())


def mupdf(pdf, page, work):
    out = work / "mupdf.pgm"
    subprocess.run(["mutool", "draw", "-q", "-N", "-r", str(DPI), "-c", "gray", "-o", out, pdf, str(page)], check=True)
    return read_pgm(out.read_bytes())


def pdfium(pdf, page, _):
    bitmap = pypdfium2.PdfDocument(pdf)[page - 1].render(scale=DPI / 72, grayscale=True)
    rows = bytes(bitmap.buffer)
    return bitmap.width, bitmap.height, b"".join(
        rows[y * bitmap.stride:y * bitmap.stride + bitmap.width] for y in range(bitmap.height))


def cells(picture):
    width, height, grey = picture
    columns, rows = width // CELL, height // CELL
    sums = [[0] * columns for _ in range(rows)]
    for y in range(rows * CELL):
        line = grey[y * width:(y + 1) * width]
        row = sums[y // CELL]
        for x in range(columns):
            row[x] += sum(line[x * CELL:(x + 1) * CELL])
    return [[value / (CELL * CELL) for value in row] for row in sums]


def compare(who, a, b):
    for y, (one, other) in enumerate(zip(a, b)):
        for x, (p, q) in enumerate(zip(one, other)):
            if abs(p - q) > FAR:
                return [f"{who}: differs at {x * CELL * 25.4 / DPI:.0f} mm, {y * CELL * 25.4 / DPI:.0f} mm"]
    return []


def without_a_word(picture):
    """The same with 11 mm by 4 mm painted white where （公章） may stand: about the middle of the darkest cell."""
    width, height, grey = picture
    coarse = cells(picture)
    _, y, x = min((value, y, x) for y, row in enumerate(coarse) for x, value in enumerate(row))
    rows = [bytearray(grey[line * width:(line + 1) * width]) for line in range(height)]
    for line in range(max(0, y * CELL - 2), min(height, y * CELL + CELL + 2)):
        left, right = max(0, x * CELL - 12), min(width, x * CELL + 20)
        rows[line][left:right] = b"\xff" * (right - left)
    return width, height, b"".join(rows)


def main():
    templates = pathlib.Path(sys.argv[1]) / "templates"
    wrong, pages = [], 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        pdf = work / "blank.pdf"
        for template in sorted(templates.iterdir()):
            source = template / "template.md"
            if not source.exists() or not re.search(r"^blank: *yes", source.read_text(encoding="utf-8"), re.M):
                continue
            subprocess.run([sys.argv[2], "render", template.name, "--blank", "-o", pdf], check=True)
            for page in range(1, len(pypdfium2.PdfDocument(pdf)) + 1):
                who = f"{template.name}, page {page}"
                painted = poppler(pdf, page, work)
                first = cells(painted)
                if not compare(who, first, cells(without_a_word(painted))):
                    wrong.append(f"{who}: a missing word is not noticed")
                wrong += compare(f"{who}: poppler and MuPDF", first, cells(mupdf(pdf, page, work)))
                wrong += compare(f"{who}: poppler and PDFium", first, cells(pdfium(pdf, page, work)))
                pages += 1
    print("\n".join(wrong) or f"{pages} pages look the same three times")
    sys.exit(1 if wrong or pages == 0 else 0)


main()
