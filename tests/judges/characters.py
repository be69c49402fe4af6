"""Rare characters on paper: characters.py SEALPRESS SOURCE_DIRECTORY.

Every one of the 8,105 of 通用规范汉字表 (kTGH in Unihan) and a spread over CJK extensions A to H is set in song, song
bold, hei and kai. Poppler and MuPDF must extract each as itself, the face that paints it must have it by its own cmap
(and be the one asked for, if that has it), and MuPDF's picture must show ink there, and not the same ink for many
characters, as a box for what is missing would be. What no face has must be refused by its code point."""
import bz2
import collections
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

UNICODE = "/usr/share/unicode/"
BLOCKS = [("A", 0x3400, 0x4DBF), ("B", 0x20000, 0x2A6DF), ("C", 0x2A700, 0x2B73F), ("D", 0x2B740, 0x2B81F),
          ("E", 0x2B820, 0x2CEAF), ("F", 0x2CEB0, 0x2EBEF), ("G", 0x30000, 0x3134F), ("H", 0x31350, 0x323AF)]
STYLES = [("song", False), ("song", True), ("hei", False), ("kai", False)]
SPREAD, REFUSED, PER_LINE = 300, 3, 36
DPI, EM = 144, 24  # 12 pt at 144 dpi: every character starts on a whole pixel
LEAST_INK = 5 * 255
MOST_ALIKE = 3


def table_8105():
    with bz2.open(UNICODE + "Unihan_OtherMappings.txt.bz2", "rt", encoding="utf-8") as f:
        return sorted(int(line.split("\t")[0][2:], 16) for line in f if "\tkTGH\t2013:" in line)


def assigned():
    """First and last code points of the ranges that UnicodeData gives so."""
    with open(UNICODE + "UnicodeData.txt", encoding="utf-8") as f:
        ends = [int(line.split(";")[0], 16) for line in f if re.search(r"CJK Ideograph.*(First|Last)>", line)]
    return list(zip(ends[::2], ends[1::2]))


def cmap(path, index):
    """The code points a font file has, by its own table (OpenType, formats 4 and 12)."""
    with open(path, "rb") as f:
        data = f.read()
    at = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    tables = {data[i:i + 4]: struct.unpack_from(">I", data, i + 8)[0]
              for i in range(at + 12, at + 12 + 16 * struct.unpack_from(">H", data, at + 4)[0], 16)}
    base = tables[b"cmap"]
    have = set()
    for i in range(struct.unpack_from(">H", data, base + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", data, base + 4 + 8 * i)
        form = struct.unpack_from(">H", data, base + offset)[0]
        if (platform, encoding) in ((0, 4), (0, 6), (3, 10)) and form == 12:
            for g in range(struct.unpack_from(">I", data, base + offset + 12)[0]):
                first, last, glyph = struct.unpack_from(">III", data, base + offset + 16 + 12 * g)
                have.update(range(first + (glyph == 0), last + 1))
    if not have:
        raise SystemExit(f"{path}: no cmap of format 12")
    return have


def faces(source):
    with open(os.path.join(source, "fonts/fonts.json"), encoding="utf-8") as f:
        fonts = json.load(f)
    have = {face["postscript"]: cmap(face["file"], face["index"]) for face in fonts["faces"]}
    named = {(face["family"], face["bold"]): face["postscript"] for face in fonts["faces"]}
    fallback = set().union(*(have[named[family, False]] for family in fonts["fallback"]))
    return have, named, fallback


def spread(covered, first, last):
    """Evenly over what of a block the faces have."""
    there = [cp for cp in range(first, last + 1) if cp in covered]
    step = max(1, len(there) // SPREAD)
    return there[::step]


def run(*command):
    return subprocess.run(command, capture_output=True, check=False)


def render(program, work, style, text):
    family, bold = style
    with open(os.path.join(work, "template.md"), "w", encoding="utf-8") as f:
        f.write(f"---\ntitle: 字表\npage: 210x297\nmargins: 25.4\nfont: {family}\nsize: 12\nleading: 1.5\nindent: 0\n"
                f"justify: no\nsealable: no\n---\n{'**{{text}}**' if bold else '{{text}}'}\n")
    for name in ("sample.json", "data.json"):
        with open(os.path.join(work, name), "w", encoding="utf-8") as f:
            json.dump({"text": "字" if name == "sample.json" else text}, f)
    pdf = os.path.join(work, "out.pdf")
    return pdf, run(program, "render", work + "/", os.path.join(work, "data.json"), "-o", pdf)


def read_pgm(path):
    with open(path, "rb") as f:
        data = f.read()
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    return int(head.group(1)), data[head.end():]


def pictures(work, pdf):
    """Character, face and pixels of everything on the pages, as MuPDF has it."""
    stext = run("mutool", "draw", "-q", "-F", "stext", "-o", "-", pdf).stdout
    run("mutool", "draw", "-q", "-r", str(DPI), "-c", "gray", "-F", "pgm", "-o", os.path.join(work, "%d.pgm"), pdf)
    for number, page in enumerate(ET.fromstring(stext).iter("page"), 1):
        width, pixels = read_pgm(os.path.join(work, f"{number}.pgm"))
        for font in page.iter("font"):
            face = font.get("name").split("+")[-1]
            for char in font.iter("char"):
                x, y = round(float(char.get("x")) * DPI / 72), round(float(char.get("y")) * DPI / 72)
                rows = (pixels[r * width + x:r * width + x + EM] for r in range(y - EM + 2, y + 5))
                yield char.get("c"), face, b"".join(rows)


def faults(seen, text, style, have, named):
    """What is wrong with the characters on paper."""
    own = named[style]
    found = []
    alike = collections.defaultdict(list)
    if "".join(c for c, _, _ in seen) != text:
        found.append("MuPDF extracts another text")
    for c, face, picture in seen:
        if ord(c) not in have.get(face, ()):
            found.append(f"U+{ord(c):04X} is painted by {face}, which does not have it")
        elif face != own and ord(c) in have[own]:
            found.append(f"U+{ord(c):04X} is painted by {face}, though {own} has it")
        if sum(255 - v for v in picture) < LEAST_INK:
            found.append(f"U+{ord(c):04X} left no ink")
        alike[picture].append(c)
    found += [f"the same picture for {' '.join(f'U+{ord(c):04X}' for c in some[:8])}" for some in alike.values()
              if len(some) > MOST_ALIKE]
    return found


def judge_style(program, work, style, text, have, named):
    lines = "\n".join(text[i:i + PER_LINE] for i in range(0, len(text), PER_LINE))
    pdf, made = render(program, work, style, lines)
    if made.returncode != 0:
        return [made.stderr.decode()]
    seen = list(pictures(work, pdf))
    found = faults(seen, text, style, have, named)
    said = run("pdftotext", "-enc", "UTF-8", pdf, "-").stdout.decode()
    if "".join(said.split()) != text:
        found.append("poppler extracts another text")
    # the judge must notice a character that shows nothing, one shown as another, and a box in the place of many
    (c, face, picture), rest = seen[0], seen[1:]
    box = bytes([0] * len(picture))
    for what, twin in (("blank", [(c, face, bytes([255] * len(picture)))] + rest),
                       ("exchanged", [(rest[0][0], face, picture)] + rest),
                       ("boxes", [(o[0], o[1], box) for o in seen[:5]] + seen[5:])):
        if not set(faults(twin, text, style, have, named)) - set(found):
            found.append(f"the judge did not notice: {what}")
    return found


def judge_refusals(program, work, missing):
    found = []
    for cp in missing:
        _, made = render(program, work, STYLES[0], "甲" + chr(cp) + "乙")
        if made.returncode != 1 or f"U+{cp:04X}" not in made.stderr.decode():
            found.append(f"U+{cp:04X}, which no face has, is not refused by its code point: {made.stderr.decode()}")
    return found


def main():
    program, source = sys.argv[1:3]
    have, named, fallback = faces(source)
    common = table_8105()
    assert len(common) == 8105, f"{len(common)} characters of kTGH"
    wrong, rare, missing = [], [], []
    covered = set.intersection(*(have[named[style]] for style in STYLES)) | fallback
    for name, first, last in BLOCKS:
        exist = [cp for a, b in assigned() for cp in range(max(a, first), min(b, last) + 1)]
        lost = [cp for cp in exist if not any(cp in have[named[s]] for s in STYLES) and cp not in fallback]
        print(f"extension {name}: {len(exist) - len(lost)} of {len(exist)} characters have a face")
        rare += spread(covered, first, last)
        missing += lost[::max(1, len(lost) // REFUSED)][:REFUSED]
    lost = [cp for cp in common if cp not in covered]
    wrong += [f"U+{cp:04X} of the 8,105 has no face" for cp in lost]
    text = "".join(map(chr, sorted(set(common) | set(rare))))
    with tempfile.TemporaryDirectory() as work:
        for style in STYLES:
            found = judge_style(program, work, style, text, have, named)
            print(f"{style[0]}{' bold' if style[1] else ''}: {len(text)} characters, {len(found)} faults")
            wrong += [f"{style[0]}: {fault}" for fault in found]
        wrong += judge_refusals(program, work, missing)
        print(f"{len(missing)} characters that no face has are refused")
    for fault in wrong[:40]:
        print(fault)
    sys.exit(1 if wrong else 0)


main()
