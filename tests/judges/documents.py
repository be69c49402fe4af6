"""Every document as others read it: documents.py SOURCE SEALPRESS.

For each template's sample and each further record: qpdf finds nothing to complain about, pdftotext reads exactly the characters that
the layout set on each page (samples: tests/golden/documents), and every text of the record is on the pages."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

MARKS = ("alpha",)  # watermarks stand across the page; readers cut them up


def squeezed(text):
    return "".join(c for c in text if not c.isspace())


def render(sealpress, template, record, out, *options):
    subprocess.run([sealpress, "render", template, *([record] if record else []), "-o", out, *options], check=True)


def page_texts(pdf):
    text = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", pdf, "-"], check=True, capture_output=True)
    return [squeezed(page) for page in text.stdout.decode("utf-8").split("\f")[:-1]]


def set_texts(boxes):
    """What the layout set, page by page, without what is turned."""
    pages = []
    for line in boxes.read_text(encoding="utf-8").splitlines():
        if line.startswith("page "):
            pages.append([])
        text = re.match(r'text [^"]*"(.*)"$', line)
        if text and not any(f" {mark} " in line[: text.start(1)] for mark in MARKS):
            pages[-1].append(squeezed(text.group(1)))
    return ["".join(page) for page in pages]


def counts(text, leave_out=""):
    left = collections.Counter(text)
    left.subtract(collections.Counter(leave_out))
    return +left


def values(record):
    if isinstance(record, dict):
        for value in record.values():
            yield from values(value)
    elif isinstance(record, list):
        for value in record:
            yield from values(value)
    elif isinstance(record, str):
        yield record


def is_a_date(text):
    return re.fullmatch(r"\d{4}(-\d\d){0,2}( .*)?", text) is not None


def lost(record, pages, printed_otherwise):
    everything = unicodedata.normalize("NFC", "".join(pages))
    for value in values(record):
        for part in re.split(r"[\n|]", value):
            part = squeezed(part)
            if part and not is_a_date(value) and part not in printed_otherwise and not in_order(part, everything):
                yield part


def in_order(part, everything):
    """A wrapped text has the neighbouring cells' lines between its own: look for its pieces."""
    if part in everything:
        return True
    at = 0
    while at < len(part):
        for size in range(min(len(part) - at, 80), 0, -1):
            if part[at:at + size] in everything:
                break
        else:
            return False
        if size < 2 and len(part) > 1 and at + size < len(part):
            size = 1
        at += size
    return True


def judge(sealpress, source, work):
    wrong = []
    judged = 0
    golden = source / "tests/golden/documents"
    not_printed = json.loads((source / "tests/records/not-printed.json").read_text(encoding="utf-8"))
    for folder in sorted((source / "templates").iterdir()):
        if not (folder / "template.md").exists():
            continue
        records = [folder / "sample.json", *sorted((source / "tests/records" / folder.name).glob("*.json"))]
        for record in records:
            pdf = work / "x.pdf"
            who = f"{folder.name}/{record.name}"
            render(sealpress, folder.name, record, pdf)
            check = subprocess.run(["qpdf", "--check", pdf], capture_output=True, text=True)
            if check.returncode != 0 or "warning" in (check.stdout + check.stderr).lower():
                wrong.append(f"{who}: qpdf: {check.stdout[-300:]}{check.stderr[-300:]}")
            pages = page_texts(pdf)
            if record.name == "sample.json":
                wrong += compare_pages(who, pages, set_texts(golden / f"{folder.name}.boxes.txt"))
            wrong += [f"{who}: not on the pages: {part[:60]}" for part in lost(
                json.loads(record.read_text(encoding="utf-8")), pages, set(not_printed.get(folder.name, [])))]
            judged += 1
    return wrong, judged


def compare_pages(who, read, laid):
    if len(read) != len(laid):
        return [f"{who}: {len(read)} pages read, {len(laid)} laid out"]
    wrong = []
    for number, (a, b) in enumerate(zip(read, laid), 1):
        missing = counts(b, a)
        surplus = counts(a, b)
        for mark in "样张无效草稿未审核不作为证明使用作废":
            surplus.pop(mark, None)
        if missing or surplus:
            wrong.append(f"{who}, page {number}: pdftotext misses {''.join(missing)!r}, adds {''.join(surplus)!r}")
    return wrong


def main():
    with tempfile.TemporaryDirectory() as work:
        wrong, judged = judge(sys.argv[2], pathlib.Path(sys.argv[1]), pathlib.Path(work))
    print("\n".join(wrong) or f"{judged} documents read as they were set")
    sys.exit(1 if wrong or judged == 0 else 0)


main()
