"""Makes the damaged twins of a genuine certificate: twins.py GENUINE.pdf DIRECTORY.

Each differs from the genuine file in one thing, named by the file."""
import re
import sys


def revision_end(data, number):
    """Where the revision ends; 1 is the first."""
    ends = [m.end() for m in re.finditer(rb"%%EOF\r?\n?", data)]
    return ends[number - 1]


def largest_stream(data):
    """From and to of the longest stream body."""
    bodies = [m.span(1) for m in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S)]
    return max(bodies, key=lambda span: span[1] - span[0])


def with_flipped_byte(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def flipped(data):
    start, end = largest_stream(data[: revision_end(data, 1)])
    return with_flipped_byte(data, (start + end) // 2)


def with_broken_signature(data):
    """The last byte of the first signature's CMS: the end of the signature value."""
    before = int(re.search(rb"/ByteRange\s*\[\s*0\s+(\d+)", data).group(1))
    der = bytes.fromhex(data[before + 1 : data.index(b">", before)].decode("ascii")).rstrip(b"\0")
    at = before + 1 + 2 * (len(der) - 1)
    return data[:at] + b"%02x" % (der[-1] ^ 1) + data[at + 2 :]


def with_replaced_content(data):
    """An incremental update that gives the page other content and signs nothing."""
    number = int(re.search(rb"/Type\s*/Page\b(?:(?!endobj).)*?/Contents\s*(\d+)\s+0\s+R", data, re.S).group(1))
    trailer = data[data.rindex(b"trailer") :]
    size = int(re.search(rb"/Size\s+(\d+)", trailer).group(1))
    root = int(re.search(rb"/Root\s+(\d+)", trailer).group(1))
    previous = int(re.search(rb"startxref\s+(\d+)", trailer).group(1))
    identity = re.search(rb"/ID\s*\[.*?\]", trailer, re.S).group(0)
    content = b"0 0 1 rg 100 100 200 200 re f"
    out = data if data.endswith(b"\n") else data + b"\n"
    at = len(out)
    out += b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(content), content)
    xref = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, root, previous, identity, xref)
    return out


def renamed(data, old, new):
    assert old in data and len(old) == len(new), f"{old!r} is not in the file"
    return data.replace(old, new)


def with_opaque_seals(data):
    return re.sub(rb"/BM(\s*)/Multiply", rb"/BM\1/Normal  ", data)


def main():
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    first = data[: revision_end(data, 1)]
    twins = {
        "flipped": flipped(data),
        "appended": data + b"% one line too many\n",
        "replaced": with_replaced_content(data),
        "signature": with_broken_signature(data),
        "cut": data[: len(data) * 2 // 3],
        "opaque": with_opaque_seals(data),
        "no-metadata": renamed(first, b"/Metadata", b"/Metadatb"),
        "unembedded": renamed(first, b"/FontFile", b"/FontFilf"),
    }
    for name, twin in twins.items():
        assert twin not in (data, first), name
        with open(f"{sys.argv[2]}/{name}.pdf", "wb") as f:
            f.write(twin)


main()
