#!/usr/bin/env python3
"""Organisations, profiles, grants, documents, verification and health of the running program.

Usage: offices_test.py PROGRAM
"""
import http.client
import json
import os
import signal
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from service import run_all  # noqa: E402

PATTERN = "9{province}{year}{region:2}{series:2}{level:2}{seq:6}"
ORDER = {"profile": "demo", "biz_no": "V-1", "name": "龙㛃䶮", "gender": "男", "birth_date": "1978-11-03",
         "id_type": "居民身份证", "id_number": "340000197811031274", "series": {"code": "05", "name": "卫生"},
         "specialty": "心血管内科", "title": "主任医师", "level": "正高级", "year": 2025, "obtain_mode": "评审",
         "approval_no": "皖测社秘〔2026〕1号", "issue_date": "2026-01-15"}
keys = {}


def key(s, organisation="*", scopes="all"):
    if (organisation, scopes) not in keys:
        keys[organisation, scopes] = s.key(organisation, scopes)
    return keys[organisation, scopes]


def profile(**changes):
    return {"id": "city", "name": "市级", "organisation": "city", "issuer": "city", "template": "certificate",
            "number_pattern": PATTERN, "province": "34", "region": "03", **changes}


def status(answer, wanted):
    assert answer.status == wanted, (answer.status, answer.body.decode("utf-8", "replace"))
    return answer


def an_organisation_is_made_once_and_read_back(s):
    city = {"id": "city", "name": "虚构市人力资源和社会保障局", "printed_name": "虚构市|人力资源和社会保障局"}
    made = status(s.ask("POST", "/v1/organizations", city, key(s)), 201)
    assert made.headers["Location"] == "/v1/organizations/city"
    assert made.json() == city
    assert status(s.ask("POST", "/v1/organizations", city, key(s)), 200).json() == city
    assert status(s.ask("GET", "/v1/organizations/city", key=key(s)), 200).json() == city
    status(s.ask("POST", "/v1/organizations", dict(city, name="别的局", printed_name="别的局"), key(s)), 409)
    listed = status(s.ask("GET", "/v1/organizations", key=key(s)), 200).json()["items"]
    assert [o["id"] for o in listed] == sorted(o["id"] for o in listed) and city in listed


def every_fault_of_an_organisation_is_named_at_once(s):
    bad = {"id": "a/b", "name": "", "uscc": "11340000MB0T0T0T1K", "seal_id": "12", "colour": "red"}
    answer = status(s.ask("POST", "/v1/organizations", bad, key(s)), 422)
    assert sorted(answer.pointers()) == ["/colour", "/id", "/name", "/seal_id", "/uscc"], answer.pointers()
    assert answer.headers["Content-Type"] == "application/problem+json"
    # draw_seal is for the command line and its demo only
    answer = s.ask("POST", "/v1/organizations",
                   {"id": "x", "name": "甲", "draw_seal": {"diameter_mm": 45, "algorithm": "p-256"}}, key(s))
    assert status(answer, 422).pointers() == ["/draw_seal"]
    for body, wanted in (("[]", 422), ("{", 400), ('{"id":"x","id":"y"}', 400), ("{}{}", 400)):
        status(s.ask("POST", "/v1/organizations", body, key(s)), wanted)
    status(s.ask("POST", "/v1/organizations", "id=x", key(s), kind="text/plain"), 415)


def hostile_names_are_refused_with_a_pointer(s):
    for name in ("甲\u202e乙", "甲\n乙", "甲\u200b乙", "甲\ue000", "\U0010fffd", "甲" * 101, " 甲", "甲乙 "):
        answer = status(s.ask("POST", "/v1/organizations", {"id": "h", "name": name}, key(s)), 422)
        assert answer.pointers() == ["/name"], (name, answer.body)
    for name in ("'; DROP TABLE organisations; --", "<script>alert(1)</script>", "(a) Tj ET", "../../etc/passwd"):
        answer = s.ask("POST", "/v1/organizations", {"id": "h", "name": name}, key(s))
        assert answer.status in (200, 201, 409, 422), answer.body
        if answer.status == 201:
            assert answer.json()["name"] == name
    for path in ("/v1/organizations/..%2f..%2fetc", "/v1/organizations/%00", "/v1/organizations/%2e%2e"):
        assert s.ask("GET", path, key=key(s)).status in (400, 404)


def a_name_that_no_certificate_can_hold_is_refused_before_it_is_needed(s):
    for name in ("虚构" * 45, "虚构\U00013000局"):
        answer = status(s.ask("POST", "/v1/organizations", {"id": "long", "name": name}, key(s)), 422)
        assert answer.pointers() == ["/name"], answer.body
    status(s.ask("GET", "/v1/organizations/long", key=key(s)), 404)


def an_office_seals_with_its_own_seal_only(s):
    seal = status(s.ask("GET", "/v1/organizations/demo-issuer", key=key(s)), 200).json()["seal_id"]
    body = {"id": "thief", "name": "冒用印章的局", "seal_id": seal}
    assert status(s.ask("POST", "/v1/organizations", body, key(s)), 422).pointers() == ["/seal_id"]
    body = {"id": "thief", "name": "冒用印章的局", "seal_id": "0" * 32}
    assert status(s.ask("POST", "/v1/organizations", body, key(s)), 422).pointers() == ["/seal_id"]
    # nor does an office with a seal get another name
    body = {"name": "改了名的厅", "seal_id": seal}
    assert status(s.ask("PUT", "/v1/organizations/demo-issuer", body, key(s)), 422).pointers() == ["/seal_id"]


def an_organisation_is_changed_by_put(s):
    body = {"name": "虚构市人社局", "uscc": "11340000MB0T0T0T1J"}
    changed = status(s.ask("PUT", "/v1/organizations/city", body, key(s)), 200).json()
    assert changed == dict(body, id="city")
    assert s.ask("GET", "/v1/organizations/city", key=key(s)).json() == changed
    answer = status(s.ask("PUT", "/v1/organizations/city", dict(body, id="town"), key(s)), 422)
    assert answer.pointers() == ["/id"]
    status(s.ask("PUT", "/v1/organizations/town", body, key(s)), 404)
    status(s.ask("DELETE", "/v1/organizations/city", key=key(s)), 405)


def a_profile_is_made_and_every_fault_named(s):
    made = status(s.ask("POST", "/v1/profiles", profile(), key(s)), 201)
    assert made.json()["reissue_prefix"] == "YB" and made.headers["Location"] == "/v1/profiles/city"
    assert status(s.ask("POST", "/v1/profiles", profile(), key(s)), 200).json() == made.json()
    status(s.ask("POST", "/v1/profiles", profile(name="另一个"), key(s)), 409)
    for change, pointer in (({"issuer": "nobody"}, "/issuer"), ({"organisation": "nobody"}, "/organisation"),
                            ({"committee": "nobody"}, "/committee"), ({"template": "nothing"}, "/template"),
                            ({"number_pattern": "{year}"}, "/number_pattern"), ({"province": "3"}, "/province"),
                            ({"template": "../certificate"}, "/template"), ({"template": "review-table"}, "/template"),
                            ({"template": "commitment-letter"}, "/template"), ({"extra": 1}, "/extra")):
        answer = status(s.ask("POST", "/v1/profiles", profile(id="bad", **change), key(s)), 422)
        assert answer.pointers() == [pointer], (change, answer.body)
    answer = status(s.ask("POST", "/v1/profiles", {}, key(s)), 422)
    assert len(answer.pointers()) >= 6


def a_licence_needs_the_code_of_its_issuer_and_keeps_it(s):
    licensed = profile(id="licensed", license_type="11340000MB0T0T0T1J001")
    status(s.ask("POST", "/v1/profiles", licensed, key(s)), 201)
    answer = status(s.ask("PUT", "/v1/organizations/city", {"name": "虚构市人社局"}, key(s)), 422)
    assert answer.pointers() == ["/uscc"], answer.body


def a_key_of_one_organisation_sees_its_own_only(s):
    own = key(s, "city")
    assert [p["id"] for p in s.ask("GET", "/v1/profiles", key=own).json()["items"]] == ["city", "licensed"]
    assert [o["id"] for o in s.ask("GET", "/v1/organizations", key=own).json()["items"]] == ["city"]
    foreign = s.ask("GET", "/v1/profiles/demo", key=own)
    missing = s.ask("GET", "/v1/profiles/dema", key=own)
    assert status(foreign, 404).json()["detail"].replace("demo", "dema") == missing.json()["detail"]
    status(s.ask("GET", "/v1/organizations/demo-issuer", key=own), 404)
    # what its profiles refer to is shown
    seen = {o["id"] for o in s.ask("GET", "/v1/organizations", key=key(s, "demo-issuer")).json()["items"]}
    assert seen == {"demo-issuer", "demo-committee", "demo-unsealed-issuer", "demo-unsealed-committee"}, seen


def only_a_key_for_all_organisations_writes(s):
    own = key(s, "city")
    for method, path in (("POST", "/v1/profiles"), ("PUT", "/v1/profiles/city"), ("PUT", "/v1/organizations/city"),
                         ("POST", "/v1/organizations")):
        assert status(s.ask(method, path, profile(), own), 403).json()["code"] == "key-of-one-organisation"
    status(s.ask("GET", "/v1/profiles", key=key(s, "*", "verify")), 403)
    status(s.ask("GET", "/v1/profiles"), 401)


def an_idempotency_key_repeats_the_first_answer(s):
    body = {"id": "again", "name": "再一个局"}
    header = {"Idempotency-Key": "offices-1"}
    first = status(s.ask("POST", "/v1/organizations", body, key(s), header), 201)
    second = status(s.ask("POST", "/v1/organizations", body, key(s), header), 201)
    assert first.body == second.body and second.headers["Location"] == first.headers["Location"]
    status(s.ask("POST", "/v1/organizations", dict(body, name="又一个局"), key(s), header), 409)


def upload(s, organisation):
    with open(os.path.join(os.environ["SEALPRESS_SOURCE"], "samples", "photo.jpg"), "rb") as f:
        return status(s.ask("POST", "/v1/photos", f.read(), key(s, organisation), kind="image/jpeg"), 201).json()["id"]


def order(s, biz_no="V-1"):
    photo = upload(s, "demo-issuer")
    answer = s.ask("POST", "/v1/certificates", dict(ORDER, photo_id=photo, biz_no=biz_no), key(s, "demo-issuer"))
    assert answer.status in (200, 201), answer.body
    return answer.json()


def an_issuer_stays_once_certificates_were_ordered(s):
    order(s)
    demo = s.ask("GET", "/v1/profiles/demo", key=key(s)).json()
    answer = status(s.ask("PUT", "/v1/profiles/demo", dict(demo, issuer="city"), key(s)), 409)
    assert answer.pointers() == ["/issuer"]
    answer = status(s.ask("PUT", "/v1/profiles/demo", dict(demo, organisation="city"), key(s)), 409)
    assert answer.pointers() == ["/organisation"]
    status(s.ask("PUT", "/v1/profiles/demo", dict(demo, number_pattern="8" + PATTERN[1:]), key(s)), 200)
    status(s.ask("PUT", "/v1/profiles/demo", demo, key(s)), 200)
    # one that issued nothing yet may change
    status(s.ask("PUT", "/v1/profiles/city", profile(issuer="demo-unsealed-issuer"), key(s)), 200)
    status(s.ask("PUT", "/v1/profiles/city", profile(), key(s)), 200)


def a_grant_is_given_only_where_the_operator_delegated(s):
    issuer = s.ask("GET", "/v1/organizations/demo-issuer", key=key(s)).json()
    body = {"seal": issuer["seal_id"], "to": "demo", "from": "2026-01-01", "until": "2030-12-31", "count": 5}
    own = key(s, "demo-issuer")
    seals = {seal["id"]: seal for seal in json.loads(s.run("seal", "list", "--json"))["seals"]}
    for given in seals[issuer["seal_id"]]["grants"]:  # the demo's offices come with the delegation
        if given["to"] == "@grants":
            s.run("seal", "revoke-grant", given["id"])
    answer = status(s.ask("POST", "/v1/grants", dict(body, seal=issuer["seal_id"]), own), 403)
    assert "@grants" in answer.json()["detail"], answer.body
    s.run("seal", "grant", issuer["seal_id"], "--to", "@grants", "--count", "2")
    s.until(lambda: s.ask("POST", "/v1/grants", body, own, {"Idempotency-Key": "grant-1"}).status == 201)
    given = s.ask("POST", "/v1/grants", body, own, {"Idempotency-Key": "grant-1"}).json()
    assert given["active"] and given["used"] == 0 and not given["by_operator"]
    assert {k: given[k] for k in body} == body
    assert status(s.ask("GET", "/v1/grants/" + given["id"], key=own), 200).json() == given
    assert given in s.ask("GET", "/v1/grants", key=own).json()["items"]
    status(s.ask("GET", "/v1/grants/" + given["id"], key=key(s, "city")), 404)
    assert s.ask("GET", "/v1/grants", key=key(s, "city")).json()["items"] == []
    status(s.ask("POST", "/v1/grants/%s/revoke" % given["id"], key=key(s, "city")), 404)
    revoked = status(s.ask("POST", "/v1/grants/%s/revoke" % given["id"], key=own), 200).json()
    assert revoked == dict(given, active=False)
    assert s.ask("GET", "/v1/grants/" + given["id"], key=own).json() == revoked
    status(s.ask("POST", "/v1/grants/%s/revoke" % given["id"], key=own), 200)
    status(s.ask("POST", "/v1/grants", dict(body, count=None), own), 201)
    status(s.ask("POST", "/v1/grants", body, own), 403)  # the delegation was for two
    operators = [g for g in s.ask("GET", "/v1/grants", key=own).json()["items"] if g["by_operator"]]
    assert operators
    status(s.ask("POST", "/v1/grants/%s/revoke" % operators[0]["id"], key=own), 403)


def faults_of_a_grant_are_named(s):
    seal = s.ask("GET", "/v1/organizations/demo-issuer", key=key(s)).json()["seal_id"]
    own = key(s, "demo-issuer")
    fine = {"seal": seal, "to": "demo"}
    for change, pointer in (({"seal": "0" * 32}, "/seal"), ({"to": "city"}, "/to"), ({"to": "@grants"}, "/to"),
                            ({"to": "*"}, "/to"), ({"from": "2026-02-30"}, "/from"), ({"count": 0}, "/count"),
                            ({"count": -1}, "/count"), ({"count": 1.5}, "/count"), ({"count": "5"}, "/count"),
                            ({"from": "2026-02-02", "until": "2026-02-01"}, "/until"), ({"key": "x"}, "/key")):
        answer = status(s.ask("POST", "/v1/grants", dict(fine, **change), own), 422)
        assert answer.pointers() == [pointer], (change, answer.body)
    # another office's seal is unknown, not forbidden
    assert status(s.ask("POST", "/v1/grants", fine, key(s, "city")), 422).pointers() == ["/seal"]


def grants_of_what_is_no_seal_are_a_slip_not_an_empty_list(s):
    for seal in ("", "x", "A" * 32, "0" * 31, "0" * 33):
        assert status(s.ask("GET", "/v1/grants?seal=" + seal, key=key(s)), 422).pointers() == ["?seal"], seal
    assert status(s.ask("GET", "/v1/grants?seal=" + "0" * 32, key=key(s)), 200).json()["items"] == []


def a_specimen_is_printed_without_a_trace(s):
    listed = status(s.ask("GET", "/v1/templates", key=key(s)), 200).json()["items"]
    sample = next(t for t in listed if t["name"] == "certificate")
    assert sample["sealable"] and sample["seal_roles"] == ["committee", "issuer"]
    before = s.ask("GET", "/v1/certificates", key=key(s)).json()["items"]
    one = status(s.ask("POST", "/v1/documents/certificate", {"record": sample["sample"]}, key(s)), 200)
    assert one.headers["Content-Type"] == "application/pdf" and one.body.startswith(b"%PDF-")
    two = s.ask("POST", "/v1/documents/certificate", {"record": sample["sample"]}, key(s))
    assert one.body == two.body
    assert b"/ByteRange" not in one.body
    assert s.ask("GET", "/v1/certificates", key=key(s)).json()["items"] == before
    judged = s.ask("POST", "/v1/verify", one.body, key(s), kind="application/pdf").json()
    assert judged["judgement"] == "not-signed" and judged["certificate"] is None, judged
    status(s.ask("POST", "/v1/documents/nothing", {"record": {}}, key(s)), 404)


def faults_of_a_document_point_into_its_record(s):
    sample = next(t for t in s.ask("GET", "/v1/templates", key=key(s)).json()["items"]
                  if t["name"] == "certificate")["sample"]
    answer = status(s.ask("POST", "/v1/documents/certificate",
                          {"record": dict(sample, issuer={"name": "虚构" * 60})}, key(s)), 422)
    assert answer.pointers() == ["/record/issuer/name"], answer.body
    answer = status(s.ask("POST", "/v1/documents/certificate",
                          {"record": dict(sample, name="龙\U000f0000")}, key(s)), 422)
    assert answer.pointers() == ["/record/name"], answer.body
    # a text cut in the middle of a character where it is quoted
    answer = status(s.ask("POST", "/v1/documents/certificate",
                          {"record": dict(sample, birth_date="e" + "\u0301" * 60)}, key(s)), 422)
    assert answer.pointers() == ["/record/birth_date"], answer.body
    assert status(s.ask("POST", "/v1/documents/certificate", {"record": 7}, key(s)), 422).pointers() == ["/record"]
    assert status(s.ask("POST", "/v1/documents/certificate", {}, key(s)), 422).pointers() == ["/record"]
    bare = status(s.ask("POST", "/v1/documents/certificate", {"name": "某"}, key(s)), 422)
    assert bare.pointers() == ["/record"] and "record" in bare.body.decode(), bare.body
    answer = status(s.ask("POST", "/v1/documents/certificate", {"record": sample, "photo_id": "0" * 32}, key(s)), 422)
    assert answer.pointers() == ["/photo_id"]
    status(s.ask("POST", "/v1/documents/certificate", {"record": sample, "seal": True}, key(s)), 422)
    assert s.ask("POST", "/v1/documents/..%2fcertificate", {"record": sample}, key(s)).status in (400, 404)
    assert s.ask("POST", "/v1/documents/..", {"record": sample}, key(s)).status in (400, 404)


def every_template_says_what_it_bears_and_certificates_are_specimens_only(s):
    listed = status(s.ask("GET", "/v1/templates", key=key(s)), 200).json()["items"]
    certificate = next(t for t in listed if t["name"] == "certificate")
    assert certificate["unsealed"] == "specimen" and not certificate["blank"], certificate["unsealed"]
    for query, at in (("mark=draft", "?mark"), ("mark=void", "?mark"), ("mark=none", "?mark"), ("blank=true", "?blank"),
                      ("blank=yes", "?blank"), ("plain=1", None)):
        answer = status(s.ask("POST", "/v1/documents/certificate?" + query, {"record": certificate["sample"]}, key(s)), 422)
        assert answer.pointers() == ([at] if at else []), (query, answer.body)
    forms = [t for t in listed if t["blank"]]
    assert forms, [t["name"] for t in listed]
    for form in forms[:3]:
        path = "/v1/documents/" + form["name"]
        made = [status(s.ask("POST", path + query, body, key(s)), 200).body
                for query, body in (("", {"record": form["sample"]}), ("?mark=draft", {"record": form["sample"]}),
                                    ("?mark=void", {"record": form["sample"]}), ("?blank=true", {}))]
        assert all(pdf.startswith(b"%PDF-") for pdf in made) and len(set(made)) == 4, form["name"]
        status(s.ask("POST", path + "?blank=true", {"record": form["sample"]}, key(s)), 422)
        status(s.ask("POST", path + "?blank=true&mark=draft", {}, key(s)), 422)


def a_huge_record_is_a_document_or_says_what_is_too_much(s):
    listed = {t["name"]: t for t in status(s.ask("GET", "/v1/templates", key=key(s)), 200).json()["items"]}
    sample = listed["review-table"]["sample"]
    row = {name: text if name in ("start", "end") else "虚" for name, text in sample["work_history"][0].items()}
    status(s.ask("POST", "/v1/documents/review-table", {"record": dict(sample, work_history=[row] * 4000)}, key(s)), 200)
    record = dict(listed["commitment-letter"]["sample"], name="\n" * 200000)
    answer = status(s.ask("POST", "/v1/documents/commitment-letter", {"record": record}, key(s)), 422)
    assert answer.pointers()[0].startswith("/record") and "several documents" in answer.json()["detail"], answer.body
    status(s.ask("POST", "/v1/documents/commitment-letter", {"record": dict(record, name="\n" * 300000)}, key(s)), 413)


def the_register_knows_its_own_files_and_whose_they_are(s):
    made = order(s)
    pdf = status(s.ask("GET", "/v1/certificates/%s.pdf" % made["id"], key=key(s, "demo-issuer")), 200).body

    def judge(body, who="*"):
        return status(s.ask("POST", "/v1/verify", body, key(s, who), kind="application/pdf"), 200).json()

    own = judge(pdf, "demo-issuer")
    assert own["judgement"] == "test" and own["registered"], own
    assert own["certificate"]["id"] == made["id"] and own["certificate"]["status"] == "valid"
    foreign = judge(pdf, "city")
    assert foreign["certificate"] == {"status": "valid", "status_time": None}, foreign["certificate"]
    flipped = bytearray(pdf)
    flipped[len(pdf) - 3000] ^= 1
    altered = judge(bytes(flipped))
    assert altered["judgement"] == "altered" and altered["changes"], altered
    appended = judge(pdf + b"\n% more\n")
    assert appended["judgement"] == "altered" and appended["certificate"]["id"] == made["id"], appended
    ends = [r["end"] for r in own["verdict"]["revisions"]]
    torn = judge(pdf[:ends[-2]])  # without the end of its line, which was signed, too
    assert torn["judgement"] == "altered" and torn["certificate"]["id"] == made["id"], torn
    cut = judge(pdf[:ends[-2] + 1])
    assert cut["judgement"] == "altered", cut
    assert cut["changes"] == ["The seal of 安徽省虚构人力资源和社会保障厅（测试） was removed"], cut["changes"]
    assert judge(b"%PDF-1.7\nrubbish")["judgement"] in ("unreadable", "not-signed")
    status(s.ask("POST", "/v1/certificates/%s/revoke" % made["id"], {"reason": "测试"}, key(s)), 200)
    assert judge(pdf)["judgement"] == "revoked"
    assert judge(pdf[:ends[-2] + 1])["judgement"] == "altered"


def what_is_no_pdf_is_not_inspected(s):
    status(s.ask("POST", "/v1/verify", b"\xff\xd8\xff", key(s), kind="application/pdf"), 415)
    status(s.ask("POST", "/v1/verify", b"%PDF-1.7", key(s), kind="image/png"), 415)
    status(s.ask("POST", "/v1/verify", b"", key(s), kind="application/pdf"), 415)
    assert s.ask("POST", "/v1/verify", b"%PDF-" + bytes(20 * 1024 * 1024), key(s), kind="application/pdf").status == 413


def health_is_told_without_a_key_and_metrics_on_loopback(s):
    assert status(s.ask("GET", "/livez"), 200).body == b"ok\n"
    ready = status(s.ask("GET", "/readyz"), 200).json()
    assert ready["status"] == "ready" and ready["database"] and ready["disk"] and ready["signer"], ready
    assert ready["chains"]["days_left"] > 90 and not ready["chains"]["warning"] and not ready["draining"]
    metrics = status(s.ask("GET", "/metrics"), 200).body.decode()
    for name in ("sealpress_certificates_total", "sealpress_file_faults 0", "sealpress_signer_up 1",
                 "sealpress_disk_free_bytes", "process_resident_memory_bytes", "sealpress_build_info{version="):
        assert name in metrics, name
    status(s.ask("GET", "/metrics", headers={"X-Forwarded-For": "192.0.2.1"}), 401)
    for text in (metrics, s.ask("GET", "/readyz").body.decode(), s.log_text()):
        assert "340000197811031274" not in text and "龙" not in text


def a_flipped_bit_in_a_stored_file_is_told_until_it_is_mended(s):
    row = s.ask("GET", "/v1/certificates", key=key(s)).json()["items"][0]["id"]
    path = os.path.join(s.data, "files", row[:2], row + ".pdf")
    s.stop()
    # a day passes for this file
    with sqlite3.connect(os.path.join(s.data, "sealpress.db")) as db:
        db.execute("UPDATE certificates SET file_checked = file_checked - 90000")
    db.close()
    with open(path, "r+b") as f:
        f.seek(5000)
        byte = f.read(1)
        f.seek(5000)
        f.write(bytes([byte[0] ^ 4]))
    s.start()
    s.until(lambda: s.ask("GET", "/readyz").json()["file_faults"] == 1)
    told = status(s.ask("GET", "/readyz"), 200).json()
    assert told["status"] == "ready-with-problem" and "backup" in told["problem"], told
    assert "event=file-fault certificate=" + row in s.log_text()
    assert "sealpress_file_faults 1" in s.ask("GET", "/metrics").body.decode()
    with open(path, "r+b") as f:
        f.seek(5000)
        f.write(byte)
    s.until(lambda: s.ask("GET", "/readyz").json()["status"] == "ready", 60)
    assert "event=file-restored certificate=" + row in s.log_text()


def children(s):
    """The signer, which the supervisor starts first, and the server."""
    with open("/proc/%d/task/%d/children" % (s.process.pid, s.process.pid), encoding="ascii") as f:
        return [int(pid) for pid in f.read().split()]


def a_signer_that_died_is_told_and_comes_back(s):
    signer = children(s)[0]
    os.kill(signer, signal.SIGKILL)
    s.until(lambda: len(children(s)) == 2 and signer not in children(s))
    s.until(lambda: s.ask("GET", "/readyz").json()["signer"])
    status(s.ask("GET", "/v1/grants", key=key(s, "demo-issuer")), 200)
    assert order(s, "V-2")["certificate_no"]


def what_a_crash_left_reserved_is_finished_without_being_asked(s):
    def states():
        with sqlite3.connect("file:%s/sealpress.db?mode=ro" % s.data, uri=True) as db:
            found = dict(db.execute("SELECT state, count(*) FROM certificates GROUP BY state").fetchall())
        db.close()
        return found

    def ask_in_vain(photo, biz_no):
        try:
            s.ask("POST", "/v1/certificates", dict(ORDER, photo_id=photo, biz_no=biz_no), key(s, "demo-issuer"))
        except (OSError, http.client.HTTPException):
            pass

    for i in range(100):  # killed a little later each time, until it was in the midst of an order
        biz_no = "K-%d" % i
        asking = threading.Thread(target=ask_in_vain, args=(upload(s, "demo-issuer"), biz_no))
        asking.start()
        time.sleep(i % 20 * 0.005)
        for pid in [s.process.pid] + children(s):
            os.kill(pid, signal.SIGKILL)
        s.process.wait()
        asking.join()
        if states().get("reserved") == 1:
            break
        s.start()
    assert states().get("reserved") == 1
    s.start()
    s.until(lambda: "reserved" not in states())
    s.until(lambda: "event=resumed certificates=1" in s.log_text())
    s.until(lambda: s.ask("GET", "/readyz").json()["resumed"])
    rows = s.ask("GET", "/v1/certificates?biz_no=" + biz_no, key=key(s)).json()["items"]
    pdf = status(s.ask("GET", "/v1/certificates/%s.pdf" % rows[0]["id"], key=key(s)), 200).body
    assert s.ask("POST", "/v1/verify", pdf, key(s), kind="application/pdf").json()["judgement"] == "test"
    assert order(s, biz_no)["id"] == rows[0]["id"]


def it_ends_when_asked(s):
    began = time.monotonic()
    s.stop()
    assert time.monotonic() - began < 20
    s.start()
    status(s.ask("GET", "/livez"), 200)


TESTS = [an_organisation_is_made_once_and_read_back, every_fault_of_an_organisation_is_named_at_once,
         hostile_names_are_refused_with_a_pointer,
         a_name_that_no_certificate_can_hold_is_refused_before_it_is_needed, an_office_seals_with_its_own_seal_only,
         an_organisation_is_changed_by_put, a_profile_is_made_and_every_fault_named,
         a_licence_needs_the_code_of_its_issuer_and_keeps_it, a_key_of_one_organisation_sees_its_own_only,
         only_a_key_for_all_organisations_writes, an_idempotency_key_repeats_the_first_answer,
         an_issuer_stays_once_certificates_were_ordered, a_grant_is_given_only_where_the_operator_delegated,
         faults_of_a_grant_are_named, grants_of_what_is_no_seal_are_a_slip_not_an_empty_list,
         a_specimen_is_printed_without_a_trace, every_template_says_what_it_bears_and_certificates_are_specimens_only,
         a_huge_record_is_a_document_or_says_what_is_too_much,
         faults_of_a_document_point_into_its_record, the_register_knows_its_own_files_and_whose_they_are,
         what_is_no_pdf_is_not_inspected, health_is_told_without_a_key_and_metrics_on_loopback,
         a_flipped_bit_in_a_stored_file_is_told_until_it_is_mended, a_signer_that_died_is_told_and_comes_back,
         what_a_crash_left_reserved_is_finished_without_being_asked, it_ends_when_asked]

if __name__ == "__main__":
    sys.exit(1 if run_all(sys.argv[1], TESTS) else 0)
