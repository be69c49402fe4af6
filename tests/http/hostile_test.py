#!/usr/bin/env python3
"""Somebody who means harm, on the real program: hostile_test.py PROGRAM."""
import json
import os
import re
import socket
import sys
import time
import urllib.parse

from filings_test import CSV, PDF, PLACE, Office, approved, csv_of, new_filing, person, picture
from service import run_all

FORM = "application/x-www-form-urlencoded"


class Console:
    """A browser that is signed in with a key."""

    def __init__(self, service, key):
        self.service = service
        answer = self.ask("POST", "/console/login", {"key": key})
        assert answer.status == 303, answer.body
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.token = re.search(rb'name=form_token value="([^"]+)"', self.ask("GET", "/console/filings").body).group(1).decode()

    def ask(self, method, path, fields=None, kind=FORM, cookie=True):
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "zh"}
        if cookie and hasattr(self, "cookie"):
            headers["Cookie"] = self.cookie
        body = None
        if fields is not None:
            body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields)
            headers["Content-Type"] = kind
        return self.service.ask(method, path, body, headers=headers)

    def post(self, path, **fields):
        return self.ask("POST", path, {"form_token": self.token, **fields})

    def send(self, path, file, data, cookie=True, **fields):
        """A form with a file: the field, its name."""
        field, name = file
        parts = b""
        for key, value in {"form_token": self.token, **fields}.items():
            parts += ('--xx\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (key, value)).encode()
        parts += ('--xx\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (field, name)).encode() + data
        return self.ask("POST", path, parts + b"\r\n--xx--\r\n", "multipart/form-data; boundary=xx", cookie)


def made_filing(people=2, photos=2):
    """A filing with certificates; its path, its entries."""
    organiser = PLACE["organiser"]
    path = approved([person(i + 1) for i in range(people)], "有证书的备案")
    entries = organiser.get(path + "/entries").json()["items"]
    for n, entry in enumerate(entries[:photos]):
        organiser.put(path + "/entries/" + entry["id"] + "/photo", picture(n), kind="image/png")
    organiser.service.until(lambda: organiser.get(path).json()["entries"]["made"] == photos, 60)
    return path, organiser.get(path + "/entries").json()["items"]


def offices_are_there(service):
    PLACE.update(organiser=Office(service, "demo-organiser"), issuer=Office(service, "demo-issuer"),
                 committee=Office(service, "demo-committee"), everybody=Office(service, "*"))
    PLACE["console"] = Console(service, PLACE["organiser"].key)
    PLACE["made"], PLACE["entries"] = made_filing()


def begin_upload(service, path, cookie, length):
    """The head of a form with a large file; what is answered to it at once, or None while more is waited for."""
    s = socket.create_connection(("127.0.0.1", service.port))
    s.settimeout(1.5)
    s.sendall(("POST %s HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=x\r\n"
               "Content-Length: %d\r\n%s\r\n" % (path, length, cookie)).encode())
    try:
        return s.recv(4096).split(b"\r\n")[0]
    except TimeoutError:
        return None
    finally:
        s.close()


def strangers_get_no_room_on_the_disk(service):
    console, path = PLACE["console"], PLACE["made"].replace("/v1", "/console")
    for where in (path + "/photos", path + "/import", path + "/edit", "/console/filings/new"):
        length = 4 * 1000 ** 3 if where.endswith("photos") else 10 * 1000 ** 2
        assert begin_upload(service, where, "Cookie: %s\r\n" % console.cookie, length) is None, where
        for cookie in ("", "Cookie: sp=%s\r\n" % ("A" * 32), "Cookie: sp=\r\n"):
            line = begin_upload(service, where, cookie, length)
            assert line is not None and b" 401 " in line, (where, cookie, line)
    # as small as it is it is read, and refused all the same
    answer = console.send(path + "/photos", ("photos", "1.jpg"), b"x", cookie=False)
    assert answer.status == 401 and "请重新登录" in answer.body.decode(), answer.status


def whoever_looks_at_a_link_does_not_use_it_up(service):
    organiser = PLACE["organiser"]
    certificate = PLACE["entries"][0]["certificate"]
    export = organiser.post("/v1/exports", {"filing": PLACE["made"].rsplit("/", 1)[1]}, None).json()["id"]
    for wish in ({"certificate": certificate}, {"export": export}):
        path = urllib.parse.urlsplit(organiser.post("/v1/links", wish, 201).json()["url"]).path
        for _ in range(3):
            looked = service.ask("HEAD", path)
            assert looked.status == 200 and int(looked.headers["Content-Length"]) > 1000, looked.status
            assert looked.headers["Set-Cookie"] is None, looked.headers["Set-Cookie"]
        taken = service.ask("GET", path)
        assert taken.status == 200 and taken.headers["Set-Cookie"], taken.status
        assert service.ask("HEAD", path).status == 410 and service.ask("GET", path).status == 410


def a_mixed_archive_is_seen_by_no_single_organisation(service):
    issuer, everybody = PLACE["issuer"], PLACE["everybody"]
    photo = issuer.ask("POST", "/v1/photos", picture(9), 201, kind="image/png").json()["id"]
    with open(os.path.join(os.environ["SEALPRESS_SOURCE"], "samples", "certificate.json"), encoding="utf-8") as f:
        sample = json.load(f)
    sample.update(biz_no="mixed-1", profile="demo", photo_id=photo)
    theirs = issuer.post("/v1/certificates", sample, 201).json()["id"]
    ours = PLACE["entries"][0]["certificate"]
    one = everybody.post("/v1/exports", {"certificates": [ours]}, None).json()["id"]
    assert PLACE["organiser"].get("/v1/exports/" + one).status == 200
    for ids in ([ours, theirs], [theirs, ours]):
        mixed = everybody.post("/v1/exports", {"certificates": ids}, None).json()
        assert mixed["files"] == 2, mixed
        everybody.get("/v1/exports/%s.zip" % mixed["id"])
        for office in (PLACE["organiser"], issuer, PLACE["committee"]):
            office.get("/v1/exports/%s.zip" % mixed["id"], 404)
            office.get("/v1/exports/" + mixed["id"], 404)
            office.post("/v1/links", {"export": mixed["id"]}, 404)
            assert mixed["id"] not in [x["id"] for x in office.get("/v1/exports").json()["items"]]


def a_selection_of_nobody_is_not_everybody(service):
    console, path = PLACE["console"], PLACE["made"].replace("/v1", "/console")
    for serials in ("999", "0-0", "500-600", "1000001-1000009"):
        answer = console.post(path + "/export", serials=serials)
        assert answer.status == 422, (serials, answer.status)
    assert console.post(path + "/export", all="1", q="没有这个人").status == 422
    assert console.post(path + "/export", serials="1,2,1").status == 303
    assert console.post(path + "/export", all="1").status == 303


def a_short_form_does_not_ask_for_years_of_work(service):
    console, path = PLACE["console"], PLACE["made"].replace("/v1", "/console")
    begun = time.monotonic()
    answer = console.post(path + "/export", serials=",".join(["1000001-1030000"] * 1900))
    assert answer.status == 413, answer.status
    assert time.monotonic() - begun < 30 # a hundred times that without the limit


def invisible_characters_are_not_kept(service):
    console, organiser = PLACE["console"], PLACE["organiser"]
    fields = {"name": "有文件的备案", "approval_no": "皖〔2026〕7号", "year": "2025", "type": "评审", "profile": "demo-filing",
              "issue_date": "2026-01-02"}
    filing = new_filing(organiser, "有文件的备案")["id"]
    for name, kept in (("批复.pdf", "批复.pdf"), ("\u202efdp.exe", "批复文件.pdf"), ("名" * 200, "批复文件.pdf")):
        answer = console.send("/console/filings/%s/edit" % filing, ("document", name), PDF, **fields)
        assert answer.status == 303, (answer.status, answer.body[:500])
        shown = organiser.get("/v1/filings/" + filing).json()["document"]["file_name"]
        assert shown == kept, shown
    organiser.post("/v1/filings/%s/entries" % filing, csv_of([person(3)]), kind=CSV)
    organiser.post("/v1/filings/%s/submit" % filing)
    issuer = Console(service, PLACE["issuer"].key)
    for reason in ("\u202e退回", "长" * 201, "空\u0007"):
        answer = issuer.post("/console/filings/%s/do" % filing, act="return", reason=reason)
        assert answer.status == 422, (reason, answer.status)
    assert issuer.post("/console/filings/%s/do" % filing, act="return", reason="名单不全").status == 303
    entry = PLACE["made"].replace("/v1", "/console") + "/entries/" + PLACE["entries"][1]["id"]
    for reason in ("\u2066撤销", "长" * 201):
        for act in ("revoke", "correct", "reissue"):
            answer = console.post(entry + "/" + act, reason=reason, approver="张三", name="李四")
            assert answer.status == 422, (act, answer.status)


def a_correction_is_made_of_texts(_service):
    organiser = PLACE["organiser"]
    path = PLACE["made"] + "/entries/" + PLACE["entries"][1]["id"]
    before = organiser.get(path + "?full=true").json()["data"]
    for member in ("name", "id_number", "id_type", "employer", "note", "mobile", "birth_date", "series"):
        values = [1, True, -0.0, 2 ** 63 - 1, ["张三"], {"": ""}, "长" * 501, "\u202e张三", {"code": 4, "name": []}]
        if member in ("name", "id_number", "id_type"):
            values += [None, "", "  "]
        for value in values:
            answer = organiser.post(path + "/correct", {"changes": {member: value}, "reason": "有误", "approver": "李四"}, 422)
            assert any(p.startswith("/changes/" + member) for p in answer.pointers()), (member, value, answer.body)
    assert organiser.get(path + "?full=true").json()["data"] == before


def an_old_reissue_asked_for_again_takes_nothing_back(_service):
    """Once its certificate has been replaced in turn, the entry stays with the newest."""
    everybody, entry = PLACE["everybody"], PLACE["made"] + "/entries/" + PLACE["entries"][0]["id"]
    first = everybody.get(entry).json()["certificate"]
    def reissue(of, biz_no):
        return everybody.post("/v1/certificates/%s/reissue" % of, {"biz_no": biz_no, "reason": "遗失补发"}, None).json()["id"]
    second = reissue(first, "again-1")
    third = reissue(second, "again-2")
    assert everybody.get(entry).json()["certificate"] == third
    assert reissue(first, "again-1") == second
    assert everybody.get(entry).json()["certificate"] == third
    everybody.get(entry + "/certificate.pdf")


def lists_that_nobody_takes_do_not_stay_for_ever(service):
    console, inbox = PLACE["console"], os.path.join(service.data, "inbox")
    filing = new_filing(PLACE["organiser"], "没有人来取")["id"]
    path = "/console/filings/%s/import" % filing
    for _ in range(2):
        answer = console.send(path, ("file", "名单.csv"), csv_of([person(4)]).encode())
        assert answer.status == 303, (answer.status, answer.body[:300])
    kept = sorted(n for n in os.listdir(inbox) if n.startswith("list-"))
    assert len(kept) == 4, kept
    old = [n for n in kept if answer.headers["Location"].rsplit("/", 1)[1] not in n]
    left_over = os.path.join(inbox, "f" * 32)
    with open(left_over, "wb") as f:
        f.write(b"PK")
    for name in old + ["f" * 32]:
        os.utime(os.path.join(inbox, name), (time.time() - 25 * 3600,) * 2)
    service.stop()
    service.start()
    service.until(lambda: not any(os.path.exists(os.path.join(inbox, n)) for n in old + ["f" * 32]), 60)
    assert all(os.path.exists(os.path.join(inbox, n)) for n in set(kept) - set(old))


if __name__ == "__main__":
    sys.exit(run_all(sys.argv[1], [
        offices_are_there,
        strangers_get_no_room_on_the_disk,
        whoever_looks_at_a_link_does_not_use_it_up,
        a_mixed_archive_is_seen_by_no_single_organisation,
        a_selection_of_nobody_is_not_everybody,
        a_short_form_does_not_ask_for_years_of_work,
        invisible_characters_are_not_kept,
        a_correction_is_made_of_texts,
        an_old_reissue_asked_for_again_takes_nothing_back,
        lists_that_nobody_takes_do_not_stay_for_ever,
    ]) != 0)
