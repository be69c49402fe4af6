"""Every field of an order comes back from pdftotext: text.py PDF EXPECTED.json. EXPECTED is a list of texts.

A text that the layout wrapped is joined again, so white space is left out on both sides; everything else must be exact."""
import json
import subprocess
import sys


def squeezed(text):
    return "".join(text.split())


def main():
    pages = [
        squeezed(subprocess.run(["pdftotext", *mode, "-enc", "UTF-8", sys.argv[1], "-"], check=True,
                                capture_output=True).stdout.decode("utf-8").replace("\f", ""))
        for mode in ([], ["-raw"])
    ]
    with open(sys.argv[2], encoding="utf-8") as f:
        expected = json.load(f)
    assert expected, "nothing to look for"
    lost = [text for text in expected if not any(squeezed(text) in page for page in pages)]
    for text in lost:
        print(f"not on the page: {text} ({' '.join(f'U+{ord(c):04X}' for c in text[:8])})")
    print(f"{len(expected) - len(lost)} of {len(expected)} texts found")
    sys.exit(1 if lost else 0)


main()
