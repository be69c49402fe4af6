#!/usr/bin/env python3
"""The API as portals call it, on the real program: api_test.py PROGRAM."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse

PROGRAM = sys.argv[1]
SOURCE = os.environ["SEALPRESS_SOURCE"]
checks = failures = 0


def holds(what, true, seen=""):
    global checks, failures
    checks += 1
    if not true:
        failures += 1
        print(f"FAILED: {what}: {str(seen)[:600]}", flush=True)


class Answer:
    def __init__(self, raw):
        self.status, self.headers, self.body = raw.status, raw.headers, raw.read()

    @property
    def json(self):
        return json.loads(self.body)

    def pointers(self):
        return {x.get("pointer", "?" + x.get("parameter", "")) for x in self.json.get("errors", [])}

    def __str__(self):
        return f"{self.status} {self.body[:500].decode(errors='replace')}"


class Service:
    def __init__(self, data):
        self.data = data
        self.log = open(os.path.join(data, "..", "log"), "ab")
        self.process = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data", data],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = self.process.stdout.readline()
        self.port = int(re.search(r":(\d+)$", said.strip()).group(1))

    def ask(self, method, path, body=None, key=None, **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        if key:
            sent["Authorization"] = "Bearer " + key
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        c.request(method, path, body, sent)
        answer = Answer(c.getresponse())
        c.close()
        return answer

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.log.close()
        return status


def run(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"))


def key(data, organisation, scopes, *more):
    made = run("key", "new", "--name", "test", "--organisation", organisation, "--scopes", scopes, "--data", data, *more)
    holds("key new", made.returncode == 0 and made.stdout.startswith("sp_"), made)
    return made.stdout.strip()


with open(os.path.join(SOURCE, "samples/certificate.json"), encoding="utf-8") as f:
    SAMPLE = json.load(f)
with open(os.path.join(SOURCE, "samples/photo.jpg"), "rb") as f:
    PHOTO = f.read()


def order(photo, biz_no, **changes):
    made = {**SAMPLE, "photo_id": photo, "biz_no": biz_no, **changes}
    return {k: v for k, v in made.items() if v is not None}


def photos(s, k):
    a = s.ask("POST", "/v1/photos?lang=en", PHOTO, k, Content_Type="image/jpeg")
    holds("a photo is taken", a.status == 201 and a.json["width"] == 413 and a.json["height"] == 579, a)
    photo = a.json["id"]
    holds("it says where it is", a.headers["Location"] == "/v1/photos/" + photo, a.headers)
    crop = s.ask("GET", "/v1/photos/" + photo, key=k)
    holds("the crop comes back", crop.status == 200 and crop.body[:3] == b"\xff\xd8\xff" and len(crop.body) < 70000, crop.status)
    cut = a.json["crop"]
    holds("it says what was cut out", cut["x"] >= 0 and 1100 < cut["width"] <= 1200 and cut["height"] <= 1600, cut)
    query = "&".join(f"{name}={cut[name]:.10g}" for name in ("x", "y", "width", "height"))
    twin = s.ask("POST", "/v1/photos?" + query, PHOTO, k, Content_Type="image/jpeg")
    same = s.ask("GET", "/v1/photos/" + twin.json.get("id", "none"), key=k)
    holds("what was cut out, sent again, cuts the same", same.body == crop.body, twin)
    again = s.ask("GET", "/v1/photos/" + photo, key=k, If_None_Match=crop.headers["ETag"])
    holds("unchanged is 304", again.status == 304 and not again.body, again)
    original = s.ask("GET", f"/v1/photos/{photo}/original", key=k)
    holds("the original is kept byte for byte", original.body == PHOTO, original.status)
    for query, parameter in (("x=1e3", "?x"), ("x=nan", "?x"), ("zoom=", "?zoom"), ("size=A4", "?size"), ("width=9999999", "?width")):
        a = s.ask("POST", "/v1/photos?" + query, PHOTO, k, Content_Type="image/jpeg")
        holds(f"{query} is refused", a.status == 422 and parameter in a.pointers(), a)
    a = s.ask("POST", "/v1/photos?colour=red", PHOTO, k, Content_Type="image/jpeg")
    holds("an unknown parameter is refused", a.status in (400, 422), a)
    a = s.ask("POST", "/v1/photos?x=1100&y=0&width=295&height=413", PHOTO, k, Content_Type="image/jpeg")
    holds("a crop outside the picture is refused", a.status == 422, a)
    a = s.ask("POST", "/v1/photos?x=100&y=100&width=590&height=826&rotate=1.5&size=1cun", PHOTO, k, Content_Type="image/jpeg")
    holds("crop parameters are used", a.status == 201 and a.json["width"] == 295 and a.json["crop"]["rotate"] == 1.5, a)
    small = a.json["id"]
    for body, type_, status in ((PHOTO, "image/png", 422), (PHOTO, "text/plain", 415), (b"\xff\xd8\xffrubbish", "image/jpeg", 422),
                                (b"", "image/jpeg", 422), (PHOTO[:9000], "image/jpeg", 422), (b"GIF89a" + b"x" * 99, "image/jpeg", 422)):
        a = s.ask("POST", "/v1/photos", body, k, Content_Type=type_)
        holds(f"{len(body)} bytes as {type_} are {status}", a.status == status, a)
    a = s.ask("POST", "/v1/photos", PHOTO + b"\0" * (10 * 1024 * 1024), k, Content_Type="image/jpeg")
    holds("more than 10 MB is 413 and says so", a.status == 413 and "10 MB" in a.json["detail"], a)
    return photo, small


def issuing(s, k, photo, small):
    first = s.ask("POST", "/v1/certificates", order(photo, "A-1"), k)
    holds("an order is issued", first.status == 201, first)
    a = first.json
    holds("with number, address and two seals", a["certificate_no"].startswith("9342025") and a["verify_url"].startswith("https://zs.example.cn/v/")
          and len(a["seals_applied"]) == 2 and a["seals_missing"] == [] and a["test"] and not a["repeated"], a)
    again = s.ask("POST", "/v1/certificates", order(photo, "A-1"), k)
    holds("again it is the first answer", again.status == 200 and again.json == dict(a, repeated=True), again)
    other = s.ask("POST", "/v1/certificates", order(photo, "A-1", title="工程师"), k)
    holds("other content is 409", other.status == 409 and other.json["code"] == "conflict" and "/biz_no" in other.pointers(), other)
    upload = s.ask("POST", "/v1/photos", PHOTO, k, Content_Type="image/jpeg").json["id"]
    again = s.ask("POST", "/v1/certificates", order(upload, "A-1"), k)
    holds("the same photo sent anew is the same order", again.status == 200 and again.json["id"] == a["id"], again)
    pdf = s.ask("POST", "/v1/certificates", order(photo, "A-2"), k, Accept="application/pdf")
    holds("Accept: application/pdf gives the file", pdf.status == 201 and pdf.body[:5] == b"%PDF-" and "filename*=UTF-8''9342025" in
          pdf.headers["Content-Disposition"] and urllib.parse.quote("龙㛃䶮") in pdf.headers["Content-Disposition"], pdf.headers)
    again = s.ask("POST", "/v1/certificates", order(photo, "A-2"), k, Accept="application/pdf")
    holds("and again the same bytes", again.status == 200 and again.body == pdf.body, again.status)
    for i, weight in enumerate(("1e400", "nan", "-1", "0", "", "99999999999999999999")):
        got = s.ask("POST", "/v1/certificates", order(photo, f"Q-{i}"), k, Accept="application/pdf;q=" + weight)
        holds(f"a weight of {weight} asks for no file", got.status == 201 and got.headers["Content-Type"] == "application/json", got.headers)
    bad = s.ask("POST", "/v1/certificates?lang=en", order("0" * 32, "A-3", gender="女", level="高级", issue_date="2026-02-30", nmae="x", name="龙" * 51), k)
    holds("all faults at once, each with its pointer", bad.status == 422 and {"/photo_id", "/level", "/issue_date", "/nmae", "/name"} <= bad.pointers(), bad)
    for what, changes, pointer in (("check digit", {"id_number": "340000197811031275"}, "/id_number"), ("glyph", {"name": "龙\ue000"}, "/name"),
                                   ("profile", {"profile": "nobody"}, "/profile"), ("template", {"template": "nothing"}, "/template"),
                                   ("photo of another size", {"photo_id": small}, "/photo_id"), ("no photo", {"photo_id": None}, "/photo_id"),
                                   ("bidi", {"employer": "a\u202eb"}, "/employer"), ("year", {"year": "2025"}, "/year"),
                                   ("series", {"series": []}, "/series"), ("slash", {"a/b~": 1}, "/a~1b~0")):
        bad = s.ask("POST", "/v1/certificates", order(**{"photo": photo, "biz_no": "A-3", **changes}), k)
        holds(f"{what}: 422 at {pointer}", bad.status == 422 and pointer in bad.pointers(), bad)
    for name in ("<script>alert(1)</script>", "Robert'); DROP TABLE certificates;--", "(a) Tj ET Q", "../../etc/passwd"):
        got = s.ask("POST", "/v1/certificates", order(photo, "T-" + str(len(name)), employer=name), k)
        holds(f"{name} is a text like any other", got.status == 201 or (got.status == 422 and "/employer" in got.pointers()), got)
    none = s.ask("POST", "/v1/certificates", order(photo, "A-4", profile="demo-unsealed"), k)
    holds("offices without seals are told", none.status == 201 and [x["role"] for x in none.json["seals_missing"]] == ["committee", "issuer"], none)
    shown = s.ask("GET", none.json["links"]["self"], key=k).json
    holds("the service's own signature is told the same now and later, and is no office's", none.json["seals_applied"] ==
          [{"role": "service", "office": ""}] == shown["seals_applied"], (none, shown["seals_applied"]))
    taken = s.ask("POST", "/v1/certificates?lang=en", order(photo, "A-5", certificate_no=a["certificate_no"]), k)
    holds("a number that is taken: what to do", taken.status == 409 and taken.pointers() == {"/certificate_no"} and "leave certificate_no out" in
          str(taken.json), taken)
    return a


def hostile(s, k):
    deep = b'{"a":' * 40 + b"1" + b"}" * 40
    good = json.dumps(SAMPLE, ensure_ascii=False).encode()
    table = [
        ("too deep", deep, 400), ("deeper than any stack", b"[" * 60000, 400), ("a list", b"[]", 422), ("a number", b"1", 400),
        ("a text", b'"x"', 400), ("null", b"null", 400), ("nothing", b"", 400), ("blanks", b"   ", 400), ("larger than 64 KiB", b'{"name":"' + b"x" * 70000 + b'"}', 413),
        ("twice the same member", b'{"name":"a","name":"b"}', 400), ("NUL in a text", b'{"name":"a\\u0000b"}', 400),
        ("raw NUL", b'{"name":"a\x00b"}', 400), ("trailing bytes", good + b"x", 400), ("two values", good + good, 400),
        ("1e400", b'{"year":1e400}', 400), ("-1e400", b'{"year":-1e400}', 400), ("2025.0", b'{"year":2025.0}', 422),
        ("a huge whole number", b'{"year":99999999999999999999999}', 400), ("lone surrogate", b'{"name":"\\ud800"}', 400),
        ("reversed surrogates", b'{"name":"\\udc00\\ud800"}', 400), ("wrong UTF-8", b'{"name":"\xff\xfe"}', 400), ("overlong UTF-8", b'{"name":"\xc0\xaf"}', 400),
        ("surrogate in UTF-8", b'{"name":"\xed\xa0\x80"}', 400), ("GB18030", '{"name":"龙"}'.encode("gb18030"), 400),
        ("UTF-16", '{"name":"x"}'.encode("utf-16"), 400), ("single quotes", b"{'name':'x'}", 400), ("a comment", b'{/* */"name":"x"}', 400),
        ("NaN", b'{"year":NaN}', 400), ("trailing comma", b'{"year":1,}', 400), ("unended", b'{"name":"x', 400), ("an escape that is none", b'{"name":"\\x"}', 400),
        ("a control character", b'{"name":"a\nb"}', 400), ("a list where a text belongs", b'{"name":["x"]}', 422), ("an object where a text belongs", b'{"name":{}}', 422),
        ("a byte order mark", b"\xef\xbb\xbf{}", 422), ("two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbf{}", 400),
        ("__proto__", b'{"__proto__":{"x":1}}', 422), ("an empty name", b'{"":1}', 422), ("many members", json.dumps({f"m{i}": i for i in range(4000)}).encode(), 422)]
    for what, body, status in table:
        for path in ("/v1/certificates", "/v1/certificates/" + "0" * 32 + "/revoke", "/v1/organizations", "/v1/grants"):
            a = s.ask("POST", path, body, k, Content_Type="application/json")
            fine = a.status == status if path == "/v1/certificates" else 400 <= a.status < 500
            holds(f"{what} to {path} is {status}", fine and a.headers["Content-Type"] == "application/problem+json" and a.json["code"] and a.json["detail"], a)
            if a.status == 422 and what != "a list" and path == "/v1/certificates":
                holds(f"{what}: with a pointer", a.pointers(), a)
    for type_ in ("text/plain", "application/jsonx", "application/x-www-form-urlencoded", "", "application/json-patch+json"):
        a = s.ask("POST", "/v1/certificates", good, k, Content_Type=type_)
        holds(f"Content-Type {type_!r} is 415", a.status == 415, a)
    a = s.ask("POST", "/v1/certificates", good, k, Content_Type="application/json; charset=utf-8")
    holds("a charset is fine", a.status == 422 and a.pointers() == {"/photo_id"}, a)
    for path in ("/v1/certificates/..%2f..%2fconfig.json", "/v1/certificates/%00", "/v1/certificates/" + "f" * 5000, "/v1/../config.json",
                 "/v1/certificates/%ff%fe", "/v1/photos/../../config.json", "/v1/certificates/'%20OR%201=1--", "/v1/nothing", "/v1", "/v1/certificates/x.pdf",
                 "/v1/certificates/", "//v1/certificates", "/v1/certificates/a/b/c"):
        a = s.ask("GET", path, key=k)
        holds(f"{path[:60]} is refused", 400 <= a.status < 500, a)
    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"):
        a = s.ask(method, "/v1/certificates", key=k)
        holds(f"{method} is refused", a.status in (405, 501) and (a.status != 405 or "GET" in a.headers["Allow"]), a)


def reading(s, k, other, made):
    path = made["links"]["self"]
    a = s.ask("GET", path, key=k)
    holds("that it is a test", a.json["test"] is True, a)
    holds("one certificate with order and events", a.status == 200 and a.json["order"]["name"] == "龙㛃䶮" and a.json["events"][0]["event"] == "issued", a)
    mine = s.ask("GET", path, key=other)
    none = s.ask("GET", "/v1/certificates/" + "0" * 32, key=other)

    def plain(x):
        return x.status, {m: v for m, v in x.json.items() if m != "request_id"}
    holds("another organisation's is like a missing one", plain(mine) == plain(none) and mine.status == 404, mine)
    holds("so is a malformed id", plain(s.ask("GET", "/v1/certificates/x'--", key=other)) == plain(none))
    bodies = {"/reissue": {"biz_no": "x", "reason": "x"}}
    for verb in (".pdf", "/revoke", "/suspend", "/reissue"):
        a = s.ask("GET" if verb == ".pdf" else "POST", path + verb, bodies.get(verb, {"reason": "x"}) if verb != ".pdf" else None, other)
        holds(f"another organisation's {verb} is 404", a.status == 404, a)
    whole = s.ask("GET", path + ".pdf", key=k)
    holds("the PDF", whole.status == 200 and whole.body[:5] == b"%PDF-" and whole.headers["Accept-Ranges"] == "bytes", whole.headers)
    tag = whole.headers["ETag"]
    part = s.ask("GET", path + ".pdf", key=k, Range="bytes=100-299", If_Range=tag)
    holds("a range of it", part.status == 206 and part.body == whole.body[100:300], part.status)
    part = s.ask("GET", path + ".pdf", key=k, Range="bytes=-50")
    holds("its end", part.status == 206 and part.body == whole.body[-50:], part.status)
    part = s.ask("GET", path + ".pdf", key=k, Range="bytes=100-299", If_Range='"other"')
    holds("If-Range of another file gives the whole", part.status == 200 and part.body == whole.body, part.status)
    holds("a range outside is 416", s.ask("GET", path + ".pdf", key=k, Range="bytes=99999999-").status == 416)
    holds("HEAD has the length", (h := s.ask("HEAD", path + ".pdf", key=k)).status == 200 and int(h.headers["Content-Length"]) == len(whole.body) and not h.body, h)
    return whole.body


def templates(s, k):
    a = s.ask("GET", "/v1/templates", key=k)
    titles = {x["name"]: x["title"] for x in a.json["items"]}
    holds("templates are titled without the person of their samples", titles["certificate"] == "安徽省专业技术资格证书（…，…）", titles)


def listing(s, k, other):
    seen, cursor, pages = [], None, 0
    while True:
        a = s.ask("GET", "/v1/certificates?limit=2&profile=demo" + (f"&cursor={cursor}" if cursor else ""), key=k)
        holds("a page", a.status == 200 and len(a.json["items"]) <= 2, a)
        seen += [x["id"] for x in a.json["items"]]
        pages += 1
        kept, cursor = cursor, a.json["next_cursor"]
        if not cursor or pages > 50:
            break
    holds("every certificate once, page by page", len(seen) == len(set(seen)) and len(seen) >= 3 and pages >= 2, (len(seen), pages))
    bent = ("0" if kept[0] != "0" else "1") + kept[1:]
    for what, query in (("bent", f"profile=demo&cursor={bent}"), ("of other filters", f"cursor={kept}"), ("cut", f"profile=demo&cursor={kept[:-1]}"),
                        ("empty", "profile=demo&cursor="), ("long", "cursor=" + "a" * 1000)):
        a = s.ask("GET", "/v1/certificates?" + query, key=k)
        holds(f"a cursor that is {what} is 422", a.status == 422 and "?cursor" in a.pointers(), a)
    for query in ("limit=0", "limit=201", "limit=-1", "limit=x", "status=fine", "state=x", "year=x", "year=3000", "created_from=2026-02-30", "created_until=x", "name="):
        a = s.ask("GET", "/v1/certificates?" + query, key=k)
        holds(f"{query} is 422", a.status == 422 and a.pointers() == {"?" + query.split("=")[0]}, a)
    holds("an unknown parameter is refused", s.ask("GET", "/v1/certificates?colour=red", key=k).status in (400, 422))
    holds("a parameter twice is refused", s.ask("GET", "/v1/certificates?limit=1&limit=2", key=k).status == 400)
    name = urllib.parse.quote("龙㛃䶮")
    for query, some in ((f"name={name}", True), ("name=x", False), ("biz_no=A-1", True), ("year=2025&status=valid&state=issued", True), ("status=revoked", False),
                        ("created_from=2020-01-01&created_until=2999-12-31", True), ("created_until=2020-01-01", False), ("id_number=340000197811031274", True)):
        a = s.ask("GET", "/v1/certificates?" + query, key=k)
        holds(f"filter {query}", a.status == 200 and bool(a.json["items"]) == some, a)
    a = s.ask("GET", "/v1/certificates", key=other)
    holds("lists say which are tests", all(x["test"] is True for x in s.ask("GET", "/v1/certificates", key=k).json["items"]))
    holds("another organisation sees none of them", a.status == 200 and a.json["items"] == [], a)


def status_changes(s, k, photo, made, pdf):
    path = made["links"]["self"]
    a = s.ask("POST", path + "/suspend", {"reason": "核查中"}, k)
    holds("suspended", a.status == 200 and a.json["status"] == "suspended" and a.json["status_reason"] == "核查中", a)
    a = s.ask("GET", path + ".pdf", key=k)
    holds("its file is refused with the reason's word", a.status == 409 and a.json["code"] == "certificate-suspended", a)
    a = s.ask("GET", path + ".pdf?archive=true", key=k)
    holds("but kept in the archive", a.status == 200 and a.body == pdf, a.status)
    a = s.ask("POST", path + "/reinstate", {"reason": "核查完毕"}, k)
    holds("reinstated", a.status == 200 and a.json["status"] == "valid", a)
    a = s.ask("POST", path + "/reissue", {"biz_no": "R-1", "reason": "姓名变更", "changes": {"name": "龙㛃", "obtained_date": None}}, k)
    holds("what a replacement lacks is told where it can be mended", a.status == 422 and a.pointers() == {"/changes/obtained_date"}, a)
    a = s.ask("POST", path + "/reissue", {"biz_no": "R-1", "reason": "姓名变更", "changes": {"biz_no": "x", "nmae": 1, "name": 5}, "x": 1}, k)
    holds("faults of a reissue", a.status == 422 and {"/changes/biz_no", "/changes/nmae", "/changes/name", "/x"} <= a.pointers(), a)
    change = {"biz_no": "R-1", "reason": "姓名变更", "changes": {"name": "龙㛃"}}
    a = s.ask("POST", path + "/reissue", change, k)
    holds("reissued", a.status == 201 and a.json["certificate_no"].startswith("YB") and a.json["replaces"] == made["id"], a)
    again = s.ask("POST", path + "/reissue", change, k)
    holds("again the first answer", again.status == 200 and again.json["id"] == a.json["id"], again)
    old, new = s.ask("GET", path, key=k).json, s.ask("GET", a.json["links"]["self"], key=k).json
    holds("the old one says so", old["status"] == "replaced" and old["replaced_by"] == new["id"], old)
    holds("the new one has the changes", new["order"]["name"] == "龙㛃" and new["order"]["original_no"] == made["certificate_no"] and new["replaces"] == old["id"], new)
    a2 = s.ask("POST", path + "/reissue", dict(change, biz_no="R-2"), k)
    holds("a replaced one is not replaced again", a2.status == 409, a2)
    a2 = s.ask("POST", path + "/revoke", {"reason": "x"}, k)
    holds("nor revoked", a2.status == 409, a2)
    new_path, body = a.json["links"]["self"], {"reason": "材料不实", "document": "皖测社秘〔2026〕9号"}
    a = s.ask("POST", new_path + "/revoke", body, k, Idempotency_Key="once-1")
    holds("revoked", a.status == 200 and a.json["status"] == "revoked" and a.json["status_document"], a)
    again = s.ask("POST", new_path + "/revoke", body, k, Idempotency_Key="once-1")
    holds("the same request again", again.status == 200 and again.body == a.body and again.headers["Idempotency-Replayed"] == "true", again)
    again = s.ask("POST", new_path + "/revoke", {"reason": "anders"}, k, Idempotency_Key="once-1")
    holds("another with the same key", again.status == 409 and again.json["code"] == "idempotency-key-reused", again)
    again = s.ask("POST", new_path + "/revoke", body, k)
    holds("without a key a second time is a conflict", again.status == 409, again)
    for bad in ("a b", "x" * 256, "ü".encode().decode("latin-1")):
        a = s.ask("POST", new_path + "/cancel", body, k, Idempotency_Key=bad)
        holds(f"Idempotency-Key {bad[:5]!r} is refused", a.status in (400, 422), a)
    for bad, pointer in (({}, "/reason"), ({"reason": ""}, "/reason"), ({"reason": "x" * 201}, "/reason"), ({"reason": "x", "why": 1}, "/why"), ({"reason": 5}, "/reason")):
        a = s.ask("POST", new_path + "/cancel", bad, k)
        holds(f"{str(bad)[:30]} is refused at {pointer}", a.status == 422 and pointer in a.pointers(), a)
    pdf = s.ask("POST", path + "/reissue", change, k, Accept="application/pdf")
    holds("a revoked one is not handed out by a repeated order either", pdf.status == 409 and pdf.json["code"] == "certificate-revoked", pdf)


def originals(s, k, photo):
    first = s.ask("POST", "/v1/certificates", order(photo, "O-1", name="买买提•吐尔逊"), k)
    again = s.ask("POST", "/v1/certificates", order(photo, "O-1", name="买买提•吐尔逊"), k)
    holds("what was mended is told once", len(first.json["notes"]) == 1 and again.json["notes"] == first.json["notes"], again)
    second = order(photo, "O-2", original_no=first.json["certificate_no"], reissue_date="2026-02-01")
    a = s.ask("POST", "/v1/certificates", second, k)
    holds("an order with an original of our own replaces it", a.status == 201, a)
    old = s.ask("GET", first.json["links"]["self"], key=k).json
    holds("which is replaced now", old["status"] == "replaced" and old["replaced_by"] == a.json["id"], old)
    again = s.ask("POST", "/v1/certificates", second, k)
    holds("the same again", again.status == 200 and again.json["id"] == a.json["id"], again)
    a = s.ask("POST", "/v1/certificates", dict(second, biz_no="O-3"), k)
    holds("not twice", a.status == 409, a)
    a = s.ask("POST", "/v1/certificates", order(photo, "O-4", original_no="TD00001", reissue_date="2026-02-01"), k)
    holds("an original of others is only printed", a.status == 201, a)


def keys(s, data, k):
    for what, shown in (("none", None), ("rubbish", "x"), ("a shape that is right", "sp_" + "0" * 16 + "_" + "A" * 43), ("one letter off", k[:-1] + ("A" if k[-1] != "A" else "B"))):
        a = s.ask("GET", "/v1/certificates", key=shown)
        holds(f"key {what} is 401", a.status == 401 and a.headers["WWW-Authenticate"].startswith("Bearer"), a)
    for _ in range(4):
        a = s.ask("GET", "/v1/certificates", key="sp_wrong")
    holds("many wrong ones are 429", a.status == 429 and int(a.headers["Retry-After"]) > 0, a)
    holds("a right one still works", s.ask("GET", "/v1/certificates", key=k).status == 200)
    reader = key(data, "demo-issuer", "certificates.read")
    a = s.ask("POST", "/v1/certificates", {}, reader)
    holds("a missing scope is 403 and named", a.status == 403 and "certificates.issue" in a.json["detail"] and a.json["code"] == "scope-missing", a)
    holds("a key with the scope may", s.ask("GET", "/v1/certificates", key=reader).status == 200)
    a = s.ask("GET", "/v1/certificates/" + "0" * 32 + ".pdf?archive=true", key=reader)
    holds("the archive needs a scope of its own", a.status == 403, a)
    listed = json.loads(run("key", "list", "--json", "--data", data).stdout)
    ids = {x["id"] for x in listed}
    holds("keys are listed without their secrets", reader[3:19] in ids and reader[20:] not in str(listed), listed)
    new = run("key", "rotate", reader[3:19], "--data", data).stdout.strip()
    holds("a rotated key ends", s.ask("GET", "/v1/certificates", key=reader).status in (401, 429))
    holds("its successor works", s.ask("GET", "/v1/certificates", key=new).status == 200)
    holds("revoke", run("key", "revoke", new[3:19], "--data", data).returncode == 0 and s.ask("GET", "/v1/certificates", key=new).status in (401, 429))
    graced = key(data, "demo-issuer", "all", "--days", "30")
    run("key", "rotate", graced[3:19], "--grace", "2", "--data", data)
    holds("with days of grace the old one still works", s.ask("GET", "/v1/certificates", key=graced).status == 200)
    holds("until it is revoked", run("key", "revoke", graced[3:19], "--data", data).returncode == 0 and s.ask("GET", "/v1/certificates", key=graced).status in (401, 429))
    for words, status, text in ((("new", "--name", "x", "--organisation", "nobody"), 1, "--organisation"), (("new", "--name", "x", "--organisation", "*", "--scopes", "all,fly"), 1, "fly"),
                                (("revoke", "0" * 16), 1, "no key"), (("rotate", new[3:19]), 1, "has ended"), (("new", "--organisation", "*"), 2, "--name"), (("lose",), 2, "new, list"),
                                (("new", "--name", "x", "--organisation", "*", "--days", "0"), 2, "--days")):
        a = run("key", *words, "--data", data)
        holds(f"key {' '.join(words)}: exit {status}", a.returncode == status and text in a.stderr, a)


def description(s):
    a = s.ask("GET", "/openapi.json")
    with open(os.path.join(SOURCE, "src/api/openapi.json"), "rb") as f:
        holds("openapi.json is served as it is", a.status == 200 and a.body == f.read(), a.status)
    a = s.ask("GET", "/v1/certificates")
    holds("problems in Chinese by default", re.search("[\u4e00-\u9fff]", a.json["detail"]) and a.headers["Content-Language"] == "zh-CN", a)
    a = s.ask("GET", "/v1/certificates", Accept_Language="en")
    holds("and in English when asked", not re.search("[\u4e00-\u9fff]", a.json["detail"]), a)
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"), ("Strict-Transport-Security", "max-age=31536000"), ("Referrer-Policy", "no-referrer")):
        holds(name, a.headers[name] == value, a.headers)


def at_once(s, k, photo):
    """The same order from many sides at once is one certificate."""
    answers = []

    def one():
        answers.append(s.ask("POST", "/v1/certificates", order(photo, "ONCE-1"), k))
    threads = [threading.Thread(target=one) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    holds("201, 200 or in progress", all(a.status in (200, 201) or (a.status == 409 and a.json["code"] == "in-progress" and a.headers["Retry-After"]) for a in answers),
          [str(a) for a in answers if a.status not in (200, 201)])
    holds("one certificate", len({a.json["id"] for a in answers if a.status < 300}) == 1 and sum(a.status == 201 for a in answers) == 1, [a.status for a in answers])


def main():
    work = tempfile.mkdtemp()
    os.chmod(work, 0o755)  # as root the program's other users must get in
    data = os.path.join(work, "data")
    made = run("init", "--demo", "--data", data)
    first = re.findall(r"sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", made.stdout)
    holds("init shows one key", made.returncode == 0 and len(first) == 1, made)
    holds("and a second time none", "sp_" not in run("init", "--demo", "--data", data).stdout)
    s = Service(data)
    try:
        k = key(data, "demo-issuer", "all")
        other = key(data, "demo-committee", "all")
        photo, small = photos(s, k)
        issued = issuing(s, k, photo, small)
        a = s.ask("POST", "/v1/certificates", order(photo, "O-1"), other)
        holds("another organisation's photo and profile are not there", a.status == 422 and "/photo_id" in a.pointers(), a)
        pdf = reading(s, k, other, issued)
        templates(s, k)
        listing(s, k, other)
        at_once(s, k, photo)
        status_changes(s, k, photo, issued, pdf)
        originals(s, k, photo)
        hostile(s, first[0])
        description(s)
        keys(s, data, k)
        a = s.ask("GET", "/readyz")
        holds("it is still ready", a.status == 200 and a.json["status"] == "ready", a)
    finally:
        status = s.stop()
        with open(os.path.join(work, "log"), "rb") as f:
            log = f.read()
    holds("it ended when told to", status == 0, status)
    holds("nothing restarted", b"restarted" not in log and b"runtime error" not in log and b"Sanitizer" not in log, log[-2000:].decode(errors="replace"))
    holds("no answer was a 500", b"status=500" not in log, [x for x in log.split(b"\n") if b"status=500" in x][:3])
    personal = ["龙", "340000197811031274", first[0][20:], k[20:]]
    holds("nothing personal in the log", not any(x.encode() in log for x in personal))
    shutil.rmtree(work, ignore_errors=True)
    print(f"{checks} checks, {failures} failed")
    sys.exit(0 if checks > 0 and failures == 0 else 1)


main()
