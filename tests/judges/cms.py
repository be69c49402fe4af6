"""Cuts every signature of a PDF into N.cms (DER without its padding) and N.bytes (what it covers); prints how many.

Fails unless each covers all of the file up to the end of its revision, its own hex string left out, with at least the
signed attributes of PAdES B-B and none it forbids, and the last one covers the file."""
import re
import sys

CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")


def der_length(der):
    """Of the outermost element: header and body."""
    first = der[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")


def cut(data):
    ends = []
    for found in re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data):
        zero, before, after, rest = map(int, found.groups())
        hexadecimal = data[before:after]
        assert zero == 0 and hexadecimal[:1] == b"<" and hexadecimal[-1:] == b">", "the gap is not the /Contents"
        assert len(hexadecimal) == 2 * 16 * 1024 + 2, "16 KiB are reserved"
        der = bytes.fromhex(hexadecimal[1:-1].decode("ascii"))
        length = der_length(der)
        assert not any(der[length:]), "something hides in the padding"
        der = der[:length]
        assert CONTENT_TYPE in der and MESSAGE_DIGEST in der and SIGNING_CERTIFICATE_V2 in der, "an attribute is missing"
        assert SIGNING_TIME not in der, "PAdES forbids signing-time"
        end = after + rest
        assert data[:end].rstrip(b"\r\n").endswith(b"%%EOF"), "does not end with its revision"
        ends.append(end)
        yield der, data[:before] + data[after:end]
    assert ends and max(ends) == len(data), "the last signature does not cover the file"


def main():
    with open(sys.argv[1], "rb") as f:
        pieces = list(cut(f.read()))
    for i, (der, covered) in enumerate(pieces):
        with open(f"{sys.argv[2]}/{i}.cms", "wb") as f:
            f.write(der)
        with open(f"{sys.argv[2]}/{i}.bytes", "wb") as f:
            f.write(covered)
    print(len(pieces))


main()
