"""verify on hostile files: hostile.py SEALPRESS DEMO_DIRECTORY SECONDS MEGABYTES. Each must be answered in time with
exit status 1 and a word on why, and never with a crash. MEGABYTES is the most that any process of it may have resident (0:
not looked at, for sanitized builds)."""
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import zlib

ROUNDS = 40  # of each kind of damage
HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def written(objects, trailer=b"", xref=None, start=None):
    """A file of these objects (number to body) with a classic cross-reference table."""
    out, offsets = HEAD, {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(out)
    if xref is None:
        xref = b"xref\n0 1\n0000000000 65535 f \n" + b"".join(
            b"%d 1\n%010d 00000 n \n" % (n, o) for n, o in offsets.items())
    out += xref + b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (max(objects, default=0) + 1, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % (at if start is None else start)


CATALOG = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}


def signature_field(value):
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [4 0 R] >> >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [4 0 R] >>",
        4: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (a) /Rect [0 0 0 0] /P 3 0 R /V 5 0 R >>",
        5: value,
    }


def stream(dictionary, body):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(body), body)


def bomb(megabytes):
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def structures():
    deep = 2_000_000
    yield "empty", b""
    yield "head-only", HEAD
    yield "nested-arrays", written({**CATALOG, 3: b"[" * deep})
    yield "nested-dictionaries", written({**CATALOG, 3: b"<</A" * deep})
    yield "nested-catalog", written({1: b"<</A" * 100_000 + b">>" * 100_000, **{2: CATALOG[2]}})
    yield "nested-parentheses", written({**CATALOG, 3: b"(" * deep})
    yield "prev-itself", written(CATALOG, b"/Prev %d" % len(written(CATALOG).split(b"xref\n")[0]))
    first = written(CATALOG)
    at = first.rindex(b"xref\n0")
    yield "prev-circle", first.replace(b"/Root", b"/Prev %d /Root" % (len(first) + 40)) + first[at:].replace(
        b"/Root", b"/Prev %d /Root" % at)
    yield "xref-huge-count", written(CATALOG, xref=b"xref\n0 99999999999\n0000000000 65535 f \n")
    yield "xref-huge-number", written(CATALOG, xref=b"xref\n4294967295 2\n0000000009 00000 n \n0000000009 00000 n \n")
    yield "xref-outside", written(CATALOG, start=10**15)
    yield "xref-negative", written(CATALOG).replace(b"startxref\n", b"startxref\n-")
    yield "size-huge", written(CATALOG).replace(b"/Size 3", b"/Size 999999999999")
    yield "kids-loop", written({1: CATALOG[1], 2: b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"})
    yield "fields-loop", written({1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>", 2: CATALOG[2],
                                  4: b"<< /T (a) /Kids [4 0 R 4 0 R] >>"})
    yield "root-itself", written({1: b"1 0 R"})
    yield "reference-circle", written({1: b"2 0 R", 2: b"1 0 R"})
    yield "length-itself", written({**CATALOG, 3: b"<< /Length 3 0 R >>\nstream\nx\nendstream"})
    yield "length-huge", written({**CATALOG, 3: b"<< /Length 99999999999999999999 >>\nstream\nx\nendstream"})
    packed = bomb(512)
    yield "bomb-xref-stream", HEAD + b"9 0 obj\n" + stream(
        b"/Type /XRef /W [1 4 2] /Size 99999999 /Root 1 0 R /Filter /FlateDecode", packed) + (
        b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(HEAD))
    yield "bomb-object-stream", written({**CATALOG, 3: stream(
        b"/Type /ObjStm /N 99999 /First 9 /Filter /FlateDecode", packed)})
    yield "encrypted", written(CATALOG, b"/Encrypt << /Filter /Standard /V 1 /R 2 >> /ID [<00><00>]")
    yield "many-revisions", first * 20_000
    yield "many-eof", HEAD + b"startxref\n0\n%%EOF\n" * 1_000_000
    yield "many-fields", written({1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [%s] >> >>" %
                                  (b"4 0 R " * 300_000), 2: CATALOG[2], 4: signature_field(b"")[4], 5: b"<< >>"})


def signatures():
    for name, byte_range, contents in (
        ("range-zeros", b"[0 0 0 0]", b"<00>"), ("range-negative", b"[0 -5 20 -30]", b"<00>"),
        ("range-huge", b"[0 9223372036854775807 9223372036854775807 9223372036854775807]", b"<00>"),
        ("range-wraps", b"[0 18446744073709551615 2 18446744073709551615]", b"<3000>"),
        ("range-long", b"[" + b"0 1 " * 500_000 + b"]", b"<00>"), ("range-missing", b"null", b"<3080>"),
        ("contents-empty", b"[0 10 20 30]", b"<>"), ("contents-odd", b"[0 10 20 30]", b"<3"),
        ("contents-endless-der", b"[0 10 20 30]", b"<3084ffffffff" + b"30840fffffff" * 2000 + b">"),
        ("contents-deep-der", b"[0 10 20 30]", b"<" + b"3080" * 8000 + b">"), ("contents-text", b"[0 10 20 30]", b"(text)"),
        ("contents-reference", b"[0 10 20 30]", b"5 0 R")):
        yield name, written(signature_field(b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
                                            b"/ByteRange %s /Contents %s >>" % (byte_range, contents)))
    yield "value-itself", written(signature_field(b"5 0 R"))


def damaged(genuine, rounds):
    ends = {m.end() for m in re.finditer(rb"%%EOF\r?\n?", genuine)}
    chance = random.Random(20260101)
    for i in range(rounds):
        cut = len(genuine) * (i + 1) // (rounds + 1)
        if cut not in ends:
            yield f"cut-{cut}", genuine[:cut]
    for i in range(rounds):
        at = chance.randrange(len(genuine))
        yield f"flip-{at}", genuine[:at] + bytes([genuine[at] ^ (1 << chance.randrange(8))]) + genuine[at + 1 :]
    for i in range(rounds):
        # The cross-reference tables, trailers and dictionaries are where a parser can go astray.
        spot = chance.choice([m.start() for m in re.finditer(rb"xref|trailer|/ByteRange|/Prev|/Length|/Fields|/Annots", genuine)])
        at = min(len(genuine) - 1, spot + chance.randrange(40))
        changed = genuine[:at] + b"%d" % chance.randrange(10) + genuine[at + 1 :]
        if changed != genuine:
            yield f"digit-{at}", changed
    yield "twice", genuine + genuine
    yield "behind-junk", b"junk\n" + genuine
    yield "reversed", genuine[::-1]


def large():
    """Head, what is repeated, how often: these never lie in memory whole, or ours would be measured."""
    block = random.Random(1).randbytes(1 << 20)
    yield "garbage-64MB", b"", block, 64
    yield "garbage-64MB-and-one", b"x", block, 64
    yield "pdf-of-garbage-64MB", HEAD, block, 63
    yield "objects-64MB", HEAD, b"1 0 obj\n<<>>\nendobj\n" * 1024, 3000
    yield "angles-64MB", HEAD, b"<" * (1 << 20), 63
    yield "startxref-64MB", HEAD, b"startxref\n" * 1024, 6000


def everything(genuine):
    for source in (structures(), signatures(), damaged(genuine, ROUNDS)):
        for name, data in source:
            yield name, data, b"", 0
    yield from large()


def judge(sealpress, path, name, seconds, data_dir):
    began = time.monotonic()
    try:
        done = subprocess.run([sealpress, "verify", path, "--data", data_dir], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60)
    except subprocess.TimeoutExpired:
        return f"{name}: no answer after 60 s", 60
    took = time.monotonic() - began
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode != 1:
        return f"{name}: exit status {done.returncode}: {said[-600:]}", took
    if "Sanitizer" in said or "runtime error" in said or not said.strip():
        return f"{name}: {said[-2000:] or 'says nothing'}", took
    if took > seconds:
        return f"{name}: took {took:.2f} s", took
    return None, took


def main():
    sealpress, demo = sys.argv[1], os.path.realpath(sys.argv[2])
    seconds, megabytes = float(sys.argv[3]), int(sys.argv[4])
    rounds = 40
    wrong, count, slowest = [], 0, (0, "")
    with open(f"{demo}/issued/landscape.pdf", "rb") as f:
        genuine = f.read()
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "hostile.pdf")
        for name, head, block, count_of_blocks in everything(genuine):
            with open(path, "wb") as f:
                f.write(head)
                for _ in range(count_of_blocks):
                    f.write(block)
            problem, took = judge(sealpress, path, name, seconds, f"{demo}/data")
            count += 1
            slowest = max(slowest, (took, name))
            if problem:
                wrong.append(problem)
        # The genuine file itself, so that a program that refuses everything is noticed.
        done = subprocess.run([sealpress, "verify", f"{demo}/issued/landscape.pdf", "--data", f"{demo}/data"],
                              capture_output=True)
        if done.returncode != 0:
            wrong.append(f"the genuine file: exit status {done.returncode}: {done.stdout + done.stderr!r}")
    resident = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if 0 < megabytes < resident:
        wrong.append(f"a process had {resident} MB resident")
    print(*wrong, sep="\n")
    print(f"{count} hostile files, {len(wrong)} wrong answers, slowest {slowest[1]}: {slowest[0]:.2f} s, "
          f"most resident {resident} MB")
    sys.exit(1 if wrong or count < 100 else 0)


main()
