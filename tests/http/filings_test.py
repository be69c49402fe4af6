#!/usr/bin/env python3
"""Approval filings over HTTP, on the real program: filings_test.py PROGRAM. Two offices: one organises, one decides."""
import binascii
import hashlib
import io
import json
import os
import random
import sqlite3
import struct
import sys
import time
import urllib.parse
import zipfile
import zlib

from service import run_all

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
CSV = "text/csv"
PEOPLE = 12
COLUMNS = {"serial": "序号", "name": "姓名", "id_type": "证件类型", "id_number": "证件号码", "gender": "性别",
           "birth_date": "出生日期", "employer": "所在单位", "series": "系列", "specialty": "专业",
           "title": "资格名称", "level": "级别", "obtain_mode": "取得方式", "obtained_date": "取得资格时间"}
PLACE = {}  # what one test leaves for the next


# --- people and their pictures ---

def id_number(n, woman=True):
    """A resident's number that its check digit, birth date and sex agree with."""
    stem = "340000199%d0%d1%d%02d%d" % (n % 10, n % 9 + 1, n % 9, n % 50, 2 if woman else 1)
    digits = [int(c) for c in stem]
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return stem + "10X98765432"[sum(d * w for d, w in zip(digits, weights)) % 11]


def person(n, **other):
    number = id_number(n)
    row = {"serial": n, "name": "张测" + "一二三四五六七八九十甲乙丙丁戊"[n % 15], "id_type": "居民身份证", "id_number": number,
           "gender": "女", "birth_date": "%s-%s-%s" % (number[6:10], number[10:12], number[12:14]),
           "employer": "合肥虚构软件科技有限公司", "series": "工程技术人员", "specialty": "材料科学与工程",
           "title": "高级工程师", "level": "副高级", "obtain_mode": "评审", "obtained_date": "2025-12-20"}
    row.update(other)
    return row


def csv_of(rows):
    lines = [",".join(COLUMNS.values())]
    lines += [",".join(str(r.get(c, "")) for c in COLUMNS) for r in rows]
    return "\r\n".join(lines) + "\r\n"


def xlsx_of(rows):
    """As a spreadsheet program saves it: inline strings."""
    def cell(text):
        return '<c t="inlineStr"><is><t>%s</t></is></c>' % str(text).replace("&", "&amp;").replace("<", "&lt;")
    table = [list(COLUMNS.values())] + [[r.get(c, "") for c in COLUMNS] for r in rows]
    sheet = "".join('<row r="%d">%s</row>' % (i + 1, "".join(cell(c) for c in row)) for i, row in enumerate(table))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/"
    files = {
        "[Content_Types].xml": '<Types xmlns="%scontent-types"><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>' % package,
        "_rels/.rels": '<Relationships xmlns="%srelationships"><Relationship Id="rId1" Type="%s/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>' % (package, office),
        "xl/workbook.xml": '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="名单" sheetId="1" r:id="rId1"/>'
        '</sheets></workbook>' % (main, office),
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="%srelationships"><Relationship Id="rId1" '
        'Type="%s/worksheet" Target="worksheets/sheet1.xml"/></Relationships>' % (package, office),
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, sheet),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def picture(n, width=413, height=579):
    """A PNG of one colour with a stripe."""
    line = bytes([0]) + bytes([(37 * n) % 256, 120, 200]) * (width // 2) + bytes([200, n % 256, 90]) * (width - width // 2)
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", binascii.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(line * height, 1)) + chunk(b"IEND", b""))


def photos_zip(names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        for n, (name, data) in enumerate(names):
            z.writestr(name, data if data is not None else picture(n))
    return out.getvalue()


# --- asking ---

class Office:
    """Somebody with a key."""

    def __init__(self, service, organisation, scopes="all"):
        self.service, self.key = service, service.key(organisation, scopes)

    def ask(self, method, path, body=None, expect=None, **more):
        answer = self.service.ask(method, path, body, self.key, **more)
        assert expect is None or answer.status == expect, (method, path, answer.status, answer.body[:900].decode(errors="replace"))
        return answer

    def get(self, path, expect=200, **more):
        return self.ask("GET", path, None, expect, **more)

    def post(self, path, body=None, expect=200, **more):
        return self.ask("POST", path, {} if body is None else body, expect, **more)

    def put(self, path, body, expect=200, **more):
        return self.ask("PUT", path, body, expect, **more)


def new_filing(office, name="2025年测试系列高级职称", **other):
    order = {"name": name, "approval_no": "皖测社秘〔2026〕1号", "year": 2025, "type": "评审", "profile": "demo-filing"}
    order.update(other)
    return office.post("/v1/filings", order, 201).json()


def approved(people, name="备案", accession=True):
    """A filing of its own with these people, passed, and numbered."""
    organiser, issuer = PLACE["organiser"], PLACE["issuer"]
    path = "/v1/filings/" + new_filing(organiser, name)["id"]
    organiser.put(path + "/document", PDF, kind="application/pdf")
    organiser.post(path + "/entries", people)
    organiser.post(path + "/submit")
    issuer.post(path + "/pass", {"reason": "同意"})
    if accession:
        job = organiser.post(path + "/accession", expect=202).json()["links"]["self"]
        organiser.service.until(lambda: organiser.get(job).json()["state"] in ("done", "failed"))
        assert organiser.get(job).json()["state"] == "done", organiser.get(job).body
    return path


def counts(office, path):
    return office.get(path).json()["entries"]


def made(office, path, many, seconds=60):
    office.service.until(lambda: counts(office, path)["made"] >= many, seconds)


# --- the filing and its list ---

def a_filing_is_begun_by_its_organiser_and_seen_by_nobody_else(service):
    PLACE["organiser"] = Office(service, "demo-organiser")
    PLACE["issuer"] = Office(service, "demo-issuer")
    PLACE["stranger"] = Office(service, "demo-unsealed-issuer")
    organiser = PLACE["organiser"]
    answer = organiser.post("/v1/filings", {"name": "2025年测试系列高级职称", "approval_no": "皖测社秘〔2026〕1号",
                                           "year": 2025, "type": "评审", "profile": "demo-filing"}, 201,
                            headers={"Idempotency-Key": "filing-1"})
    filing = answer.json()
    assert answer.headers["Location"] == "/v1/filings/" + filing["id"], answer.headers
    assert filing["status"] == "editing" and filing["organiser"] == "demo-organiser", filing
    assert filing["issuer"] == "demo-issuer" and filing["rights"]["edit"] and not filing["rights"]["decide"], filing
    again = organiser.post("/v1/filings", {"name": "2025年测试系列高级职称", "approval_no": "皖测社秘〔2026〕1号",
                                          "year": 2025, "type": "评审", "profile": "demo-filing"}, 201,
                           headers={"Idempotency-Key": "filing-1"})
    assert again.json()["id"] == filing["id"] and again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == answer.headers["Location"]
    PLACE["path"] = "/v1/filings/" + filing["id"]
    for other in (PLACE["stranger"], PLACE["issuer"]):  # the issuer sees it once it is submitted
        other.get(PLACE["path"], 404)
        assert filing["id"] not in [f["id"] for f in other.get("/v1/filings").json()["items"]]
    for method, below in (("PUT", ""), ("PUT", "/document"), ("POST", "/submit"), ("POST", "/entries"),
                          ("GET", "/entries"), ("PUT", "/photos"), ("GET", "/certificates.zip"), ("POST", "/pause")):
        seen = PLACE["stranger"].ask(method, PLACE["path"] + below, None if method == "GET" else {})
        assert seen.status == 404, (method, below, seen.status, seen.body)
    assert service.ask("GET", PLACE["path"]).status == 401


def faults_of_an_order_are_told_with_their_places(service):
    organiser = PLACE["organiser"]
    wrong = organiser.post("/v1/filings", {"name": "", "year": 1, "type": "摇号", "profile": "demo-filing", "colour": 1}, 422)
    assert {"/name", "/approval_no", "/year", "/type", "/colour"} <= set(wrong.pointers()), wrong.pointers()
    wrong = organiser.post("/v1/filings", {"name": "甲", "approval_no": "乙", "year": 2025, "type": "评审", "profile": "none"}, 422)
    assert wrong.pointers() == ["/profile"], wrong.body
    named = organiser.post("/v1/filings", {"name": "甲", "approval_no": "乙", "year": 2025, "type": "评审",
                                           "issuer": "demo-issuer", "committee": "demo-committee"}, 201).json()
    assert named["profile"] == "demo-filing", named  # the organiser's own, though the authority has one as well
    wrong = PLACE["issuer"].post("/v1/filings", {"name": "甲", "approval_no": "乙", "year": 2025, "type": "评审",
                                                 "profile": "demo"}, 422)
    assert "/organiser" in wrong.pointers(), wrong.body  # the office that passes does not submit
    organiser.get("/v1/filings?colour=1", 422)
    organiser.get("/v1/filings?status=odd", 422)
    organiser.get("/v1/filings?cursor=00", 422)
    organiser.get("/v1/filings/" + "0" * 32, 404)
    organiser.get("/v1/filings/x%20y", 404)
    for key in (Office(service, "demo-organiser", "certificates.read"), Office(service, "demo-organiser", "persons")):
        assert key.get(PLACE["path"], 403).json()["code"] == "scope-missing"
    looker = Office(service, "demo-organiser", "filings.approve")
    looker.get(PLACE["path"])
    looker.put(PLACE["path"], {}, 403)


def filings_are_listed_page_by_page_and_found_by_what_they_say(service):
    organiser = PLACE["organiser"]
    ids = [new_filing(organiser, "清单%d" % i, year=2024, approval_no="皖清〔2025〕%d号" % i)["id"] for i in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = organiser.get("/v1/filings?year=2024&limit=2" + (cursor and "&cursor=" + cursor)).json()
        seen += [f["id"] for f in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(ids) and len(set(seen)) == 5, (seen, ids)
    first = organiser.get("/v1/filings?year=2024&limit=2").json()["next_cursor"]
    organiser.get("/v1/filings?year=2025&cursor=" + first, 422)  # of another question
    assert len(organiser.get("/v1/filings?name=" + urllib.parse.quote("清单3")).json()["items"]) == 1
    assert len(organiser.get("/v1/filings?approval_no=" + urllib.parse.quote("皖清〔2025〕4")).json()["items"]) == 1
    assert organiser.get("/v1/filings?year=2024&status=approved").json()["items"] == []


def the_approval_document_is_a_pdf_and_comes_back_as_it_was(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    organiser.get(path + "/document", 404)
    organiser.put(path + "/document", b"MZ\x90\x00", 422, kind="application/pdf")
    organiser.put(path + "/document", b"%PDF-1.7\n" + bytes(20 * 1024 * 1024), 413, kind="application/pdf")
    name = urllib.parse.quote("批复〔2026〕1号.pdf")
    filing = organiser.put(path + "/document?file_name=" + name, PDF, kind="application/pdf").json()
    assert filing["document"] == {"size": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest(),
                                  "file_name": "批复〔2026〕1号.pdf"}, filing.get("document")
    back = organiser.get(path + "/document")
    assert back.body == PDF and back.headers["Content-Disposition"].startswith("attachment"), back.headers
    assert "sandbox" in back.headers["Content-Security-Policy"], back.headers
    organiser.put(path + "/document?file_name=" + "%E6%89%B9" * 130, PDF, 422, kind="application/pdf")


def a_list_with_faults_is_taken_not_at_all_and_each_fault_is_told(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    rows = [person(n) for n in range(1, 6)]
    rows[1]["gender"] = "男"                          # not what the number says
    rows[2]["id_number"] = rows[2]["id_number"][:17] + "0"
    rows[4]["id_number"] = rows[0]["id_number"]
    rows[4]["birth_date"] = rows[0]["birth_date"]
    answer = organiser.post(path + "/entries", csv_of(rows), 422, kind=CSV)
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json" and problem["code"] == "rows-at-fault", problem
    assert {e["row"] for e in problem["errors"]} >= {3, 4, 6}, problem["errors"]
    for e in problem["errors"]:
        assert e["problem"] and e["column"] and "advice" in e, e
        assert not any(r["id_number"] in json.dumps(e, ensure_ascii=False) for r in rows), e
    chinese = organiser.post(path + "/entries", csv_of(rows), 422, kind=CSV, headers={"Accept-Language": "zh-CN"}).json()
    assert any("身份证" in e["problem"] or "证件号码" in e["column"] for e in chinese["errors"]), chinese["errors"]
    assert counts(organiser, path)["listed"] == 0
    book = organiser.post(path + "/entries?check=true&report=xlsx", csv_of(rows), kind=CSV)
    with zipfile.ZipFile(io.BytesIO(book.body)) as z:
        assert "xl/workbook.xml" in z.namelist()
    organiser.post(path + "/entries?report=xlsx", csv_of(rows), 422, kind=CSV)
    for bad, kind in ((b"", CSV), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/vnd.ms-excel"),
                      (b"PK\x03\x04" + bytes(300), "application/octet-stream"), (b"[1,2", "application/json"),
                      (b"a,b\n1,2\n", CSV)):
        refused = organiser.ask("POST", path + "/entries", bad, kind=kind)
        assert refused.status in (400, 422), (kind, refused.status, refused.body)
    organiser.ask("POST", path + "/entries", bytes(51 * 1024 * 1024), 413, kind=CSV)
    organiser.post(path + "/entries?odd=1", csv_of(rows), 422, kind=CSV)
    assert counts(organiser, path)["listed"] == 0


def a_list_comes_as_csv_in_two_encodings_as_json_and_as_a_workbook(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    rows = [person(n) for n in range(1, PEOPLE + 1)]
    for body, kind in ((csv_of(rows).encode("gb18030"), CSV), (b"\xef\xbb\xbf" + csv_of(rows).encode(), CSV),
                       (json.dumps({"entries": rows}), "application/json"), (json.dumps(rows), "application/json"),
                       (xlsx_of(rows), "application/octet-stream")):
        report = organiser.post(path + "/entries?check=true", body, kind=kind).json()
        assert report["rows"] == PEOPLE and report["good"] == PEOPLE and report["errors"] == [], (kind, report)
        assert counts(organiser, path)["listed"] == 0
    report = organiser.post(path + "/entries", csv_of(rows[:3]), kind=CSV).json()
    assert report["imported"] == 3, report
    organiser.post(path + "/entries", csv_of(rows[:1]), 422, kind=CSV)  # the same person twice
    book = xlsx_of(rows)
    report = organiser.post(path + "/entries?replace=true", book, kind="application/octet-stream",
                            headers={"Idempotency-Key": "list-1"}).json()
    assert report["imported"] == PEOPLE and counts(organiser, path)["listed"] == PEOPLE, report
    again = organiser.post(path + "/entries?replace=true", book, kind="application/octet-stream",
                           headers={"Idempotency-Key": "list-1"})
    assert again.headers["Idempotency-Replayed"] == "true"
    organiser.post(path + "/entries?replace=true", xlsx_of(rows[:2]), 409, kind="application/octet-stream",
                   headers={"Idempotency-Key": "list-1"})  # the key is for another list
    report = organiser.post("/v1/filings/%s/entries?partial=true" % new_filing(organiser, "部分")["id"],
                            csv_of([person(1), person(2, gender="男")]), kind=CSV).json()
    assert report["imported"] == 1 and len(report["errors"]) >= 1, report


def entries_are_shown_masked_unless_somebody_asks_and_is_noted(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    page = organiser.get(path + "/entries?limit=5&skip=2").json()
    assert page["total"] == PEOPLE and [e["position"] for e in page["items"]] == [3, 4, 5, 6, 7], page
    entry = page["items"][0]
    number = id_number(3)
    assert entry["name"] == person(3)["name"] and entry["state"] == "listed" and "certificate_no" not in entry, entry
    assert number not in json.dumps(page) and entry["id_number"].startswith(number[:6]) and "*" in entry["id_number"], entry
    assert entry["data"]["employer"] == "合肥虚构软件科技有限公司", entry
    full = organiser.get(path + "/entries?limit=5&full=true").json()
    assert full["items"][0]["id_number"] == id_number(1), full["items"][0]
    service.until(lambda: "document_numbers_shown" in service.log_text())
    log = service.log_text()
    assert not any(id_number(n) in log for n in range(1, PEOPLE + 1))
    found = organiser.get(path + "/entries?search=" + urllib.parse.quote(person(4)["name"])).json()
    assert found["total"] >= 1 and all(e["name"] == person(4)["name"] for e in found["items"]), found
    one = organiser.get(entry["links"]["self"]).json()
    assert one["id"] == entry["id"]
    organiser.get("/v1/filings/%s/entries/%s" % (new_filing(organiser, "另一个")["id"], entry["id"]), 404)
    organiser.get(path + "/entries?state=odd", 422)
    PLACE["stranger"].get(path + "/entries", 404)


# --- moves ---

def submitter_and_approver_are_two(service):
    organiser, issuer, path = PLACE["organiser"], PLACE["issuer"], PLACE["path"]
    everybody = Office(service, "*")
    organiser.post(path + "/accession", expect=409)
    filing = organiser.post(path + "/submit", headers={"Idempotency-Key": "submit-1"}).json()
    assert filing["status"] == "reviewing" and filing["submitter"], filing
    again = organiser.post(path + "/submit", headers={"Idempotency-Key": "submit-1"})
    assert again.json()["status"] == "reviewing"
    organiser.post(path + "/submit", expect=409)
    organiser.put(path, {"name": "改名", "approval_no": "x", "year": 2025, "type": "评审", "profile": "demo-filing"}, 409)
    organiser.post(path + "/entries", csv_of([person(40)]), 409, kind=CSV)
    for other in (organiser, everybody):
        refused = other.ask("POST", path + "/pass", {"reason": "自己通过"})
        assert refused.status in (403, 409), (refused.status, refused.body)
    assert organiser.get(path).json()["status"] == "reviewing"
    assert issuer.get(path).json()["rights"]["decide"]
    PLACE["stranger"].post(path + "/pass", expect=404)
    Office(service, "demo-issuer", "filings").post(path + "/pass", expect=403)  # without the scope
    assert "/reason" in issuer.post(path + "/return", {}, 422).pointers()
    returned = issuer.post(path + "/return", {"reason": "批复文号有误"}).json()
    assert returned["status"] == "returned" and returned["opinion"] == "批复文号有误", returned
    changed = organiser.put(path, {"name": "2025年测试系列高级职称（改）", "approval_no": "皖测社秘〔2026〕2号", "year": 2025,
                                   "type": "评审", "profile": "demo-filing"}).json()
    assert changed["approval_no"] == "皖测社秘〔2026〕2号", changed
    organiser.post(path + "/submit")
    passed = Office(service, "demo-issuer", "filings.approve").post(path + "/pass", {"reason": "同意"}).json()
    assert passed["status"] == "approved" and passed["decider"] != passed["submitter"], passed
    events = [e["event"] for e in organiser.get(path).json()["events"]]
    assert [e for e in events if e in ("created", "submitted", "returned", "passed")] == \
        ["created", "submitted", "returned", "submitted", "passed"], events


def a_filing_without_document_or_list_is_not_submitted(service):
    organiser = PLACE["organiser"]
    path = "/v1/filings/" + new_filing(organiser, "不全")["id"]
    organiser.post(path + "/submit", expect=409)
    organiser.put(path + "/document", PDF, kind="application/pdf")
    organiser.post(path + "/submit", expect=409)
    assert organiser.get(path).json()["status"] == "editing"


def an_entry_is_taken_out_before_numbers_are_given(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    entry = organiser.get(path + "/entries?search=" + urllib.parse.quote(id_number(PEOPLE)[-4:])).json()["items"][0]
    assert "/reason" in organiser.post(entry["links"]["self"] + "/remove", {}, 422).pointers()
    gone = organiser.post(entry["links"]["self"] + "/remove", {"reason": "不符合条件"}).json()
    assert gone["state"] == "removed", gone
    assert counts(organiser, path)["removed"] == 1
    PLACE["stranger"].post(entry["links"]["self"] + "/remove", {"reason": "x"}, 404)


def numbers_are_given_in_row_order_and_stay(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    answer = organiser.post(path + "/accession", expect=202)
    job = answer.json()
    assert answer.headers["Location"] == "/v1/jobs/" + job["id"] and job["kind"] == "accession", job
    assert organiser.post(path + "/accession", expect=202).json()["id"] == job["id"]
    PLACE["stranger"].get("/v1/jobs/" + job["id"], 404)
    service.until(lambda: organiser.get("/v1/jobs/" + job["id"]).json()["state"] in ("done", "failed"))
    done = organiser.get("/v1/jobs/" + job["id"]).json()
    assert done["state"] == "done" and done["done"] == done["total"] == PEOPLE - 1, done
    assert done["entries"]["waiting"] == PEOPLE - 1 and done["paused"] is False, done
    numbers = [e["certificate_no"] for e in organiser.get(path + "/entries").json()["items"] if e["state"] != "removed"]
    assert numbers == sorted(numbers) and len(set(numbers)) == PEOPLE - 1, numbers
    assert [int(n[-6:]) for n in numbers] == list(range(int(numbers[0][-6:]), int(numbers[0][-6:]) + PEOPLE - 1)), numbers
    PLACE["numbers"] = numbers
    assert job["id"] in [j["id"] for j in organiser.get("/v1/jobs?filing=" + path.rsplit("/", 1)[1]).json()["items"]]
    assert job["id"] not in [j["id"] for j in organiser.get("/v1/jobs").json()["items"]]  # it has ended
    organiser.get("/v1/jobs/" + "0" * 32, 404)
    removal = organiser.get(path + "/entries?state=waiting").json()["items"][0]["links"]["self"] + "/remove"
    organiser.post(removal, {"reason": "太晚"}, 409)


# --- photos and certificates ---

def without_a_photo_nothing_is_downloaded(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    entry = organiser.get(path + "/entries?state=waiting").json()["items"][0]
    assert entry["explanation"].startswith("The photo is missing. Upload it"), entry
    entry = organiser.get(entry["links"]["self"], headers={"Accept-Language": "zh-CN"}).json()
    assert entry["explanation"] == "缺少照片，上传照片后自动生成证书。", entry
    refused = organiser.get(entry["links"]["pdf"], 409, headers={"Accept-Language": "zh-CN"}).json()
    assert refused["code"] == "photo_missing", refused
    assert refused["detail"] == "未上传照片，证书未生成，只能查看，不能下载；请先上传照片。", refused
    PLACE["stranger"].get(entry["links"]["pdf"], 404)


def photos_come_one_by_one_or_as_an_archive(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    items = organiser.get(path + "/entries?state=waiting").json()["items"]
    first = items[0]["links"]["self"] + "/photo"
    organiser.put(first, b"GIF89a", 415, kind="image/gif")
    organiser.put(first, b"\x89PNG\r\n\x1a\nrubbish", 422, kind="image/png")
    organiser.put(first + "?x=a", picture(0), 422, kind="image/png")
    PLACE["stranger"].put(first, picture(0), 404, kind="image/png")
    entry = organiser.put(first, picture(0), kind="image/png").json()
    assert entry["photo_id"] and entry["state"] in ("queued", "working", "made"), entry
    upload = organiser.ask("POST", "/v1/photos", picture(1), 201, kind="image/png").json()["id"]
    organiser.put(items[1]["links"]["self"] + "/photo", {"photo_id": "0" * 32}, 422)
    organiser.put(items[1]["links"]["self"] + "/photo", {"photo_id": upload})
    made(organiser, path, 2)
    names = [("photos/%d.png" % e["serial"], picture(e["serial"])) for e in items[2:-1]]
    names[0] = ("照片/%s.png" % id_number(items[2]["serial"]), picture(77))
    names += [("999.png", picture(3)), ("../../etc/passwd.png", picture(4)), ("%d.png" % items[-1]["serial"], b"no picture")]
    organiser.put(path + "/photos", b"not a zip", None, kind="application/zip")
    answer = organiser.put(path + "/photos?file_name=photos.zip", photos_zip(names), 202, kind="application/zip")
    job = answer.json()
    assert answer.headers["Location"] == "/v1/jobs/" + job["id"] and job["kind"] == "photos", job
    service.until(lambda: organiser.get("/v1/jobs/" + job["id"]).json()["state"] in ("done", "failed"))
    done = organiser.get("/v1/jobs/" + job["id"]).json()
    assert done["state"] == "done" and done["failed"] >= 2, done
    report = json.dumps(done["report"], ensure_ascii=False)
    assert "999" in report and id_number(items[2]["serial"]) not in report, report
    made(organiser, path, PEOPLE - 2)
    assert "explanation" not in organiser.get(path + "/entries?state=made").json()["items"][0]
    assert counts(organiser, path)["waiting"] == 1, counts(organiser, path)
    assert not os.listdir(os.path.join(service.data, "inbox")), os.listdir(os.path.join(service.data, "inbox"))


def each_certificate_bears_its_entrys_number(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    items = organiser.get(path + "/entries?state=made").json()["items"]
    assert [e["certificate_no"] for e in items] == PLACE["numbers"][:-1], items
    pdf = organiser.get(items[0]["links"]["pdf"])
    assert pdf.body.startswith(b"%PDF-") and pdf.headers["Content-Type"] == "application/pdf"
    certificate = organiser.get("/v1/certificates/" + items[0]["certificate"]).json()
    assert certificate["certificate_no"] == PLACE["numbers"][0] and certificate["entry"] == items[0]["id"], certificate
    assert certificate["version"] == 1 and certificate["handed_out"] and not certificate["recorded"], certificate
    assert hashlib.sha256(pdf.body).hexdigest() == certificate["file"]["sha256"]
    progress = organiser.get(path).json()
    assert progress["to_make"] == 0 and progress["entries"]["made"] == PEOPLE - 2, progress


def the_issuing_authority_sees_its_own_papers(service):
    """Who ordered a certificate and whose paper it is; a third office sees none."""
    organiser, issuer, path = PLACE["organiser"], PLACE["issuer"], PLACE["path"]
    certificate = "/v1/certificates/" + organiser.get(path + "/entries?state=made").json()["items"][0]["certificate"]
    assert issuer.get(certificate).json()["id"] == organiser.get(certificate).json()["id"]
    Office(service, "demo-committee").get(certificate, 404)


def who_holds_the_title_already_is_a_remark_of_the_next_list(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    entry = organiser.get(path + "/entries?state=made&full=true").json()["items"][0]
    again = "/v1/filings/" + new_filing(organiser, "再报一次")["id"]
    row = dict(entry["data"], serial=1)
    report = organiser.post(again + "/entries?check=true", [row]).json()
    assert any(entry["certificate_no"] in w["problem"] for w in report["warnings"]) and not report["errors"], report
    report = organiser.post(again + "/entries?check=true", [dict(row, title="正高级工程师", level="正高级")]).json()
    assert not any(entry["certificate_no"] in w["problem"] for w in report["warnings"]), report


# --- archives ---

def one_archive_has_them_all_and_any_range_of_it_is_the_same(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    lead = organiser.get(path + "/certificates.zip", 303)
    assert organiser.get(path + "/certificates.zip", 303).headers["Location"] == lead.headers["Location"]
    address = lead.headers["Location"]
    whole = organiser.get(address)
    assert whole.headers["Content-Type"] == "application/zip" and int(whole.headers["Content-Length"]) == len(whole.body)
    assert "filename*=UTF-8''" in whole.headers["Content-Disposition"], whole.headers
    with zipfile.ZipFile(io.BytesIO(whole.body)) as z:
        assert z.testzip() is None
        names = z.namelist()
        sums = dict(line.split(None, 1)[::-1] for line in z.read("SHA256SUMS").decode().splitlines())
        for name in names[:PEOPLE - 2]:
            assert name.endswith(".pdf") and hashlib.sha256(z.read(name)).hexdigest() == \
                {k.strip(" *"): v for k, v in sums.items()}[name], name
        manifest = z.read("manifest.csv").decode("utf-8-sig")
    assert names[0] == "%s_%s.pdf" % (PLACE["numbers"][0], person(1)["name"]), names
    assert PLACE["numbers"][-1] in manifest and not any(id_number(n) in manifest for n in range(1, PEOPLE + 1)), manifest
    export = organiser.get(address[:-4]).json()
    assert export["size"] == len(whole.body) and export["files"] == PEOPLE - 2 and export["missing"] == 1, export
    etag, size = whole.headers["ETag"], len(whole.body)
    dice = random.Random(5)
    for _ in range(1000):
        a = dice.randrange(size)
        b = min(size - 1, a + dice.randrange(1, 20000))
        part = organiser.get(address, 206, headers={"Range": "bytes=%d-%d" % (a, b), "If-Range": etag})
        assert part.body == whole.body[a:b + 1] and part.headers["Content-Range"] == "bytes %d-%d/%d" % (a, b, size)
    assert organiser.get(address, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).body == whole.body
    organiser.get(address, 416, headers={"Range": "bytes=%d-" % size})
    organiser.get(address, 304, headers={"If-None-Match": etag})
    for other in ("stranger", "issuer"):
        PLACE[other].get(address, 404)
        PLACE[other].get(address[:-4], 404)
    assert address.rsplit("/", 1)[1][:-4] in [x["id"] for x in organiser.get("/v1/exports").json()["items"]]
    assert PLACE["stranger"].get("/v1/exports").json()["items"] == []


def a_selection_is_an_archive_too(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    items = organiser.get(path + "/entries?state=made").json()["items"]
    answer = organiser.post("/v1/exports", {"filing": path.rsplit("/", 1)[1], "entries": [items[1]["id"], items[0]["id"]]}, 201)
    export = answer.json()
    assert export["files"] == 2 and answer.headers["Location"] == "/v1/exports/" + export["id"], export
    again = organiser.post("/v1/exports", {"filing": path.rsplit("/", 1)[1], "entries": [items[1]["id"], items[0]["id"]]}, None)
    assert again.json()["id"] == export["id"], again.body
    some = organiser.post("/v1/exports", {"certificates": [items[0]["certificate"]]}, 201).json()
    assert some["files"] == 1, some
    for wrong in ({}, {"filing": "x", "certificates": ["y"]}, {"entries": ["a"]}, {"certificates": []}, {"certificates": [1]},
                  {"filing": path.rsplit("/", 1)[1], "colour": 1}):
        assert organiser.post("/v1/exports", wrong, 422).pointers(), wrong
    PLACE["stranger"].post("/v1/exports", {"filing": path.rsplit("/", 1)[1]}, 404)
    PLACE["stranger"].post("/v1/exports", {"certificates": [items[0]["certificate"]]}, 404)


# --- afterwards ---

def a_correction_makes_the_next_version_until_the_file_was_handed_out(service):
    organiser = PLACE["organiser"]
    path = approved([person(n) for n in (20, 21)], "更正")
    items = organiser.get(path + "/entries").json()["items"]
    for entry in items:
        organiser.put(entry["links"]["self"] + "/photo", picture(entry["serial"]), kind="image/png")
    made(organiser, path, 2)
    before = organiser.get(items[0]["links"]["self"]).json()
    address = items[0]["links"]["self"] + "/correct"
    change = {"changes": {"specialty": "材料物理与化学"}, "reason": "专业名称有误", "approver": "李四"}
    assert {"/changes", "/reason", "/approver"} <= set(organiser.post(address, {}, 422).pointers())
    assert organiser.post(address, dict(change, changes={"colour": "红"}), None).status in (409, 422)
    organiser.post(address, change)
    service.until(lambda: organiser.get(items[0]["links"]["self"]).json().get("certificate") not in (None, before["certificate"]))
    after = organiser.get(items[0]["links"]["self"]).json()
    assert after["certificate_no"] == before["certificate_no"] and after["data"]["specialty"] == "材料物理与化学", after
    new = organiser.get("/v1/certificates/" + after["certificate"]).json()
    assert new["version"] == 2 and new["certificate_no"] == before["certificate_no"], new
    organiser.get(after["links"]["pdf"])  # handed out
    assert organiser.post(address, dict(change, changes={"specialty": "物理"}), 409).json()["detail"]


def an_entrys_certificate_is_reissued_once_for_each_request(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    entry = organiser.get(path + "/entries?state=made").json()["items"][2]
    address = entry["links"]["self"] + "/reissue"
    assert "/reason" in organiser.post(address, {}, 422).pointers()
    PLACE["stranger"].post(address, {"reason": "遗失"}, 404)
    first = organiser.post(address, {"reason": "遗失"}, 201, headers={"Idempotency-Key": "again-1"})
    again = organiser.post(address, {"reason": "遗失"}, 201, headers={"Idempotency-Key": "again-1"})
    assert first.json()["id"] == again.json()["id"] and first.headers["Location"] == again.headers["Location"]
    now = organiser.get(entry["links"]["self"]).json()
    assert now["certificate"] == first.json()["id"] != entry["certificate"], now
    old = organiser.get("/v1/certificates/" + entry["certificate"]).json()
    assert old["status"] == "replaced" and old["replaced_by"] == now["certificate"], old
    waiting = organiser.get(path + "/entries?state=waiting").json()["items"][0]
    organiser.post(waiting["links"]["self"] + "/reissue", {"reason": "遗失"}, 409)


def a_revoked_certificate_is_not_handed_out_by_its_entry(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    entry = organiser.get(path + "/entries?state=made").json()["items"][3]
    organiser.post("/v1/certificates/%s/revoke" % entry["certificate"], {"reason": "申报材料不实"})
    assert organiser.get(entry["links"]["pdf"], 409).json()["code"] == "certificate-revoked"


def a_full_queue_takes_no_more_and_says_when_to_come_again(service):
    """As if half a million certificates waited."""
    organiser = PLACE["organiser"]
    path = approved([person(26)], "队列已满", accession=False)
    filling = "UPDATE filing_counts SET queued = queued + %d WHERE filing = '" + path.rsplit("/", 1)[1] + "'"
    books = sqlite3.connect(os.path.join(service.data, "sealpress.db"), timeout=20)
    with books:
        books.execute(filling % 500000)
    refused = organiser.post(path + "/accession", expect=503)
    assert int(refused.headers["Retry-After"]) >= 1 and "queue is full" in refused.json()["detail"], refused.body
    assert organiser.get("/v1/jobs").json()["items"] == []
    with books:
        books.execute(filling % -500000)
    books.close()
    job = organiser.post(path + "/accession", expect=202).json()
    assert job["id"] in [j["id"] for j in organiser.get("/v1/jobs").json()["items"]] or \
        organiser.get("/v1/jobs/" + job["id"]).json()["state"] == "done"
    assert job["id"] not in [j["id"] for j in PLACE["stranger"].get("/v1/jobs").json()["items"]]


def a_paused_filing_makes_nothing_until_it_goes_on(service):
    organiser = PLACE["organiser"]
    path = approved([person(25)], "暂停")
    assert organiser.post(path + "/pause").json()["paused"] is True
    assert organiser.post(path + "/pause").json()["paused"] is True
    entry = organiser.get(path + "/entries").json()["items"][0]
    organiser.put(entry["links"]["self"] + "/photo", picture(25), kind="image/png")
    time.sleep(1.5)
    assert counts(organiser, path)["made"] == 0
    assert organiser.post(path + "/resume").json()["paused"] is False
    made(organiser, path, 1)
    organiser.post(path + "/retry")


def people_are_registered_once_and_bring_their_photo(service):
    organiser = PLACE["organiser"]
    who = person(30)
    order = {k: who[k] for k in ("name", "id_type", "id_number", "gender", "birth_date")}
    first = organiser.post("/v1/persons", order, 201)
    address = first.headers["Location"]
    assert id_number(30) not in first.body.decode()
    assert organiser.post("/v1/persons", dict(order, mobile="13800000000"), 200).json()["mobile"] == "13800000000"
    assert {"/gender"} <= set(organiser.post("/v1/persons", dict(order, gender="男"), 422).pointers())
    organiser.post("/v1/persons", dict(order, organisation="demo-issuer"), 422)
    PLACE["issuer"].get(address, 404)
    upload = organiser.ask("POST", "/v1/photos", picture(30), 201, kind="image/png").json()["id"]
    organiser.put(address + "/photo", {"photo_id": "1" * 32}, 422)
    assert organiser.put(address + "/photo", {"photo_id": upload}).json()["photo_id"] == upload
    assert organiser.get(address + "?full=true").json()["id_number"] == id_number(30)
    assert address.rsplit("/", 1)[1] in [p["id"] for p in organiser.get("/v1/persons?limit=200").json()["items"]]
    path = approved([who], "带照片")
    made(organiser, path, 1)  # nobody sent a photo


def old_certificates_are_recorded_and_their_page_says_so(service):
    organiser, issuer = PLACE["organiser"], PLACE["issuer"]
    rows = [person(n, certificate_no="第三方%d" % n) for n in (33, 34)]
    head = csv_of([]).strip() + ",证书编号(历史),发证日期,批复文号,发证机关\r\n"
    body = head + "".join(csv_of([r]).split("\r\n")[1] + ",%s,2019-01-02,皖旧〔2019〕1号,安徽省虚构厅\r\n" % r["certificate_no"]
                          for r in rows)
    organiser.post("/v1/old-certificates", body, 422, kind=CSV)
    PLACE["stranger"].post("/v1/old-certificates?profile=demo-filing", body, 422, kind=CSV)  # not its register
    organiser.post("/v1/old-certificates?profile=demo-filing", body, 403, kind=CSV)  # nor its paper
    report = issuer.post("/v1/old-certificates?profile=demo-filing", body, kind=CSV).json()
    assert report["imported"] == 2, report
    row = organiser.get("/v1/certificates?certificate_no=" + urllib.parse.quote("第三方33")).json()["items"][0]
    assert row["recorded"] is True and row["status"] == "valid" and "file" not in row, row
    organiser.get(row["links"]["pdf"], 409)
    page = service.ask("GET", urllib.parse.urlparse(row["verify_url"]).path, headers={"Accept-Language": "zh-CN"})
    text = page.body.decode()
    assert page.status == 200 and "历史证书" in text and "登记信息" in text and "签章检查" not in text, text
    issuer.post("/v1/old-certificates?profile=demo-filing", body, 422, kind=CSV)  # the numbers are taken
    old = row["links"]["pdf"]
    assert row["name"] == rows[0]["name"], row
    PLACE["stranger"].put(old, PDF, 404, kind="application/pdf")
    organiser.put(old, PDF, 403, kind="application/pdf")
    issuer.put(old, b"MZ", 422, kind="application/pdf")
    issuer.put(old, b"%PDF-1.7" + bytes(10 * 1024 * 1024), 413, kind="application/pdf")
    kept = issuer.put(old, PDF, kind="application/pdf").json()
    assert kept["file"]["size"] == len(PDF) and kept["recorded"], kept
    assert "file-added" in organiser.get(row["links"]["self"]).body.decode()
    issuer.put(old, PDF, kind="application/pdf")
    issuer.put(old, PDF + b"\n", 409, kind="application/pdf")  # what is kept stays
    made_here = organiser.get("/v1/certificates?limit=100").json()["items"]
    issuer.put(next(c for c in made_here if not c["recorded"])["links"]["pdf"], PDF, 409, kind="application/pdf")
    file = organiser.get(old)
    assert file.body == PDF and "sandbox" in file.headers["Content-Security-Policy"], file.headers
    assert file.headers["Content-Disposition"].startswith("attachment"), file.headers
    text = service.ask("GET", urllib.parse.urlparse(row["verify_url"]).path, headers={"Accept-Language": "zh-CN"}).body.decode()
    assert "历史证书，登记信息" in text and "没有电子文件" not in text and "未经本系统签章" in text, text
    lead = organiser.post("/v1/exports", {"certificates": [row["id"]]}, 201).json()
    with zipfile.ZipFile(io.BytesIO(organiser.get("/v1/exports/%s.zip" % lead["id"]).body)) as z:
        assert z.read(z.namelist()[0]) == PDF and "第三方33" in z.namelist()[0], z.namelist()


def the_workbook_can_be_had(service):
    book = PLACE["organiser"].get("/v1/workbooks/entries.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.body)) as z:
        assert "身份证" in z.read("xl/sharedStrings.xml").decode() or "证件" in z.read("xl/worksheets/sheet1.xml").decode()


def the_queue_is_measured_and_the_service_says_how_it_is(service):
    text = service.ask("GET", "/metrics").body.decode()
    for name in ("queued", "working", "oldest_seconds", "halted"):
        assert "sealpress_queue_%s " % name in text, name
    service.until(lambda: service.ask("GET", "/readyz").json()["queued"] == 0)  # it is looked at now and then
    ready = service.ask("GET", "/readyz").json()
    assert ready["making_halted"] is False, ready


def after_a_restart_everything_is_as_it_was(service):
    organiser, path = PLACE["organiser"], PLACE["path"]
    before = [(e["id"], e.get("certificate_no"), e.get("certificate")) for e in organiser.get(path + "/entries").json()["items"]]
    service.stop()
    service.start()
    after = [(e["id"], e.get("certificate_no"), e.get("certificate")) for e in organiser.get(path + "/entries").json()["items"]]
    assert before == after


if __name__ == "__main__":
    sys.exit(run_all(sys.argv[1], [
        a_filing_is_begun_by_its_organiser_and_seen_by_nobody_else,
        faults_of_an_order_are_told_with_their_places,
        filings_are_listed_page_by_page_and_found_by_what_they_say,
        the_approval_document_is_a_pdf_and_comes_back_as_it_was,
        a_list_with_faults_is_taken_not_at_all_and_each_fault_is_told,
        a_list_comes_as_csv_in_two_encodings_as_json_and_as_a_workbook,
        entries_are_shown_masked_unless_somebody_asks_and_is_noted,
        submitter_and_approver_are_two,
        a_filing_without_document_or_list_is_not_submitted,
        an_entry_is_taken_out_before_numbers_are_given,
        numbers_are_given_in_row_order_and_stay,
        without_a_photo_nothing_is_downloaded,
        photos_come_one_by_one_or_as_an_archive,
        each_certificate_bears_its_entrys_number,
        the_issuing_authority_sees_its_own_papers,
        who_holds_the_title_already_is_a_remark_of_the_next_list,
        one_archive_has_them_all_and_any_range_of_it_is_the_same,
        a_selection_is_an_archive_too,
        a_correction_makes_the_next_version_until_the_file_was_handed_out,
        an_entrys_certificate_is_reissued_once_for_each_request,
        a_revoked_certificate_is_not_handed_out_by_its_entry,
        a_full_queue_takes_no_more_and_says_when_to_come_again,
        a_paused_filing_makes_nothing_until_it_goes_on,
        people_are_registered_once_and_bring_their_photo,
        old_certificates_are_recorded_and_their_page_says_so,
        the_workbook_can_be_had,
        the_queue_is_measured_and_the_service_says_how_it_is,
        after_a_restart_everything_is_as_it_was,
    ]))
