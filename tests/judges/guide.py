"""The template guide tells the truth: guide.py SOURCE SEALPRESS.

Every snippet of templates/README.md stands in the template it is said to come from, every feature has its picture, and
the pictures are what the program draws today."""
import pathlib
import re
import subprocess
import sys
import tempfile

DIFFERENT_AT_MOST = 0.002  # of the pixels: another version of the rasterizer moves grey levels at edges


def snippets(text):
    pattern = r"\[guide/([a-z]+)\]\(guide/\1/template\.md\):\n\n```html\n(.*?)```\n\n!\[[^\]]+\]\(guide/\1\.png\)"
    return re.findall(pattern, text, re.S)


def is_in(snippet, template):
    lines = [line.strip() for line in snippet.splitlines() if line.strip()]
    rest = [line.strip() for line in template.splitlines()]
    for line in lines:
        if line not in rest:
            return False
        rest = rest[rest.index(line) + 1:]
    return True


def different_pixels(kept, drawn):
    size = subprocess.run(["identify", "-format", "%w %h", kept], check=True, capture_output=True, text=True).stdout
    width, height = map(int, size.split())
    compared = subprocess.run(["compare", "-metric", "AE", "-fuzz", "25%", kept, drawn, "null:"], capture_output=True,
                              text=True)
    if compared.returncode > 1:
        return 1.0
    return float(compared.stderr.split()[0]) / (width * height)


def main():
    templates = pathlib.Path(sys.argv[1]) / "templates"
    guide = templates / "guide"
    found = dict(snippets((templates / "README.md").read_text(encoding="utf-8")))
    names = sorted(folder.name for folder in guide.iterdir() if folder.is_dir())
    wrong = [f"{name}: not shown in README.md" for name in names if name not in found]
    wrong += [f"{name}: shown, but not there" for name in found if name not in names]
    for name in found:
        if name in names and not is_in(found[name], (guide / name / "template.md").read_text(encoding="utf-8")):
            wrong.append(f"{name}: the snippet is not in the template")
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([guide / "draw.sh", sys.argv[2], work], check=True)
        for name in names:
            kept, drawn = guide / f"{name}.png", pathlib.Path(work) / f"{name}.png"
            share = different_pixels(kept, drawn) if kept.exists() else 1.0
            if share > DIFFERENT_AT_MOST:
                wrong.append(f"{name}.png: {share:.1%} of it is drawn otherwise today; look at it, then guide/draw.sh")
    print("\n".join(wrong) or f"{len(names)} features shown as they are")
    sys.exit(1 if wrong or not names else 0)


main()
