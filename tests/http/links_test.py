#!/usr/bin/env python3
"""Links over HTTP, on the real program: links_test.py PROGRAM. A file for one browser, a photo's place for one person."""
import concurrent.futures
import json
import os
import re
import sys
import threading
import time

import filings_test
from filings_test import PLACE, Office, approved, counts, made, person, picture
from service import run_all

SOURCE = os.environ["SEALPRESS_SOURCE"]
EDGE = "edge7d1c"


def path_of(url):
    """Below the public address, which leads elsewhere in a test."""
    return url.removeprefix("https://zs.example.cn")


def follow(service, path, cookie=None, **headers):
    return service.ask("GET", path, headers=headers | ({"Cookie": cookie} if cookie else {}))


def cookie_of(answer):
    return answer.headers["Set-Cookie"].split(";")[0]


def send(service, path, **fields):
    """A form as browsers send it; a field that is bytes is a file."""
    body = b""
    for name, value in fields.items():
        extra = '; filename="photo.jpg"' if isinstance(value, bytes) else ""
        body += (f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n').encode()
        body += (value if isinstance(value, bytes) else str(value).encode()) + b"\r\n"
    body += f"--{EDGE}--\r\n".encode()
    return service.ask("POST", path, body, kind="multipart/form-data; boundary=" + EDGE)


def sample():
    with open(f"{SOURCE}/samples/photo.jpg", "rb") as f:
        return f.read()


CROP = {"x": 300, "y": 150, "width": 590, "height": 827.14, "rotate": 0}


# --- files ---

def a_link_lends_a_certificate_to_the_first_browser_that_follows_it(service):
    PLACE["organiser"], PLACE["issuer"] = Office(service, "demo-organiser"), Office(service, "demo-issuer")
    PLACE["all"], PLACE["stranger"] = Office(service, "*"), Office(service, "demo-unsealed-issuer")
    place = os.path.join(service.place, "one.pdf")
    PLACE["certificate"] = json.loads(service.run(
        "issue", f"{SOURCE}/samples/certificate.json", "--photo", f"{SOURCE}/samples/photo.jpg", "-o", place, "--json"))
    with open(place, "rb") as f:
        pdf = f.read()
    link = PLACE["all"].post("/v1/links", {"certificate": PLACE["certificate"]["id"], "seconds": 300}, 201).json()
    assert re.fullmatch(r"https://zs\.example\.cn/d/[A-Za-z0-9_-]{32}", link["url"]), link
    path = PLACE["link"] = path_of(link["url"])
    first = follow(service, path)
    assert first.status == 200 and first.body == pdf, first.status
    bound = first.headers["Set-Cookie"]
    assert f"Path={path};" in bound and "HttpOnly" in bound and "SameSite=Strict" in bound, bound
    assert follow(service, path).status == 410
    assert follow(service, path, "sp-link=" + "A" * 43).status == 410
    part = follow(service, path, cookie_of(first), Range="bytes=100-199")
    assert part.status == 206 and part.body == pdf[100:200], part.status
    assert follow(service, path, cookie_of(first)).body == pdf
    over = follow(service, path)
    assert "Link no longer valid" in over.body.decode() and "Set-Cookie" not in over.headers, over.body
    assert "链接已失效" in follow(service, path + "?lang=zh").body.decode()


def of_many_at_once_one_gets_the_file(service):
    path = path_of(PLACE["all"].post("/v1/links", {"certificate": PLACE["certificate"]["id"]}, 201).json()["url"])
    gate = threading.Barrier(8)

    def one(_):
        gate.wait()
        return follow(service, path).status
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        seen = sorted(pool.map(one, range(8)))
    assert seen == [200] + [410] * 7, seen


def a_link_ends_by_itself(service):
    path = path_of(PLACE["all"].post("/v1/links", {"certificate": PLACE["certificate"]["id"], "seconds": 1}, 201).json()["url"])
    time.sleep(2.1)
    assert follow(service, path).status == 410


def a_secure_cookie_is_set_where_there_is_https(service):
    path = path_of(PLACE["all"].post("/v1/links", {"certificate": PLACE["certificate"]["id"]}, 201).json()["url"])
    assert "; Secure" in follow(service, path, Host="zs.example.cn").headers["Set-Cookie"]


def only_who_may_see_a_file_lends_it(service):
    order = {"certificate": PLACE["certificate"]["id"]}
    PLACE["stranger"].post("/v1/links", order, 404)
    Office(service, "*", "persons").post("/v1/links", order, 403)
    assert service.ask("POST", "/v1/links", order).status == 401
    PLACE["all"].post("/v1/links", {"certificate": "0" * 32}, 404)
    PLACE["all"].post("/v1/links", {"export": "0" * 32}, 404)
    for wrong, pointer in (({}, "/certificate"), (order | {"export": "0" * 32}, "/certificate"), (order | {"seconds": 601}, "/seconds"),
                           (order | {"seconds": 0}, "/seconds"), (order | {"colour": 1}, "/colour"), ({"certificate": 1}, "/certificate")):
        answer = PLACE["all"].post("/v1/links", wrong, 422)
        assert pointer in answer.pointers(), (wrong, answer.body)


def a_revoked_certificate_is_not_lent_any_more(service):
    one = PLACE["all"]
    path = path_of(one.post("/v1/links", {"certificate": PLACE["certificate"]["id"]}, 201).json()["url"])
    held = follow(service, path)
    other = path_of(one.post("/v1/links", {"certificate": PLACE["certificate"]["id"]}, 201).json()["url"])
    one.post(f"/v1/certificates/{PLACE['certificate']['id']}/revoke", {"reason": "撤销", "document": "皖测〔2026〕2号"})
    assert follow(service, other).status == 410
    assert follow(service, path, cookie_of(held)).status == 410
    one.post("/v1/links", {"certificate": PLACE["certificate"]["id"]}, 409)


def an_archive_is_lent_as_well_and_goes_on_where_it_broke_off(service):
    organiser = PLACE["organiser"]
    path = approved([person(1), person(2)], "链接")
    entries = organiser.get(path + "/entries").json()["items"]
    for n, entry in enumerate(entries):
        organiser.put(f"{path}/entries/{entry['id']}/photo", picture(n), kind="image/png")
    made(organiser, path, 2)
    export = organiser.post("/v1/exports", {"filing": path.rsplit("/", 1)[1]}, 201).json()
    link = path_of(organiser.post("/v1/links", {"export": export["id"]}, 201).json()["url"])
    PLACE["stranger"].post("/v1/links", {"export": export["id"]}, 404)
    whole = organiser.get(f"/v1/exports/{export['id']}.zip")
    first = follow(service, link)
    assert first.status == 200 and first.body == whole.body, first.status
    rest = follow(service, link, cookie_of(first), **{"Range": "bytes=1000-", "If-Range": first.headers["ETag"]})
    assert rest.status == 206 and rest.body == whole.body[1000:], rest.status
    assert follow(service, link, Range="bytes=1000-").status == 410


# --- photos ---

def new_person(office, n, **other):
    row = {k: v for k, v in person(n).items() if k in ("name", "id_type", "id_number", "gender", "birth_date")}
    answer = office.post("/v1/persons", row | other, None)
    assert answer.status in (200, 201), answer.body
    return answer.json()["id"]


def photo_path(office, **order):
    answer = office.post("/v1/photo-links", order, 201).json()
    assert re.fullmatch(r"https://zs\.example\.cn/photo/[A-Za-z0-9_-]{32}", answer["url"]), answer
    return path_of(answer["url"])


def a_photo_link_is_a_page_for_one_person_without_cookie(service):
    organiser = PLACE["organiser"]
    who = PLACE["person"] = new_person(organiser, 30)
    path = photo_path(organiser, person=who)
    page = follow(service, path, **{"Accept-Language": "zh"})
    text = page.body.decode()
    assert page.status == 200 and person(30)["name"] in text and "裁剪照片" in text, text[:400]
    assert person(30)["id_number"] not in text
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'none'") and "require-trusted-types-for 'script'" in policy, policy
    assert "unsafe" not in policy and "script-src 'self'" in policy, policy
    for name in ("Set-Cookie", "X-Frame-Options"):
        assert name not in page.headers, page.headers
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
    key = service.run("key", "new", "--name", "portal", "--organisation", "demo-organiser", "--scopes", "persons", "--origins",
                      "https://zjsq.example.cn,http://127.0.0.1:8123")
    PLACE["portal"] = next(word for word in key.split() if word.startswith("sp_"))
    link = service.ask("POST", "/v1/photo-links", {"person": who}, PLACE["portal"]).json()
    policy = follow(service, path_of(link["url"])).headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://zjsq.example.cn http://127.0.0.1:8123"), policy


def a_refused_photo_leaves_the_link_and_a_taken_one_uses_it_up(service):
    organiser, who = PLACE["organiser"], PLACE["person"]
    path = photo_path(organiser, person=who)
    assert "photo_id" not in organiser.get("/v1/persons/" + who).json()
    for status, fields, words in (
            (422, {"photo": sample()[:20000]} | CROP, "damaged"), (422, {"photo": b"GIF89a" + bytes(100)} | CROP, "GIF, not JPEG"),
            (422, {"photo": sample()} | CROP | {"x": "1e3"}, "choose the photo again"), (422, dict(CROP), "choose one first"),
            (422, {"photo": sample()} | CROP | {"x": 900}, "beyond the picture"),
            (413, {"photo": sample() + bytes(10 * 1024 * 1024)} | CROP, "larger than 10 MB"),
            (404, {"upload": "0" * 32}, "choose it again")):
        answer = send(service, path, **fields)
        assert answer.status == status and words in answer.body.decode(), (answer.status, status, words, answer.body.decode()[:3000])
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    taken = send(service, path, photo=sample(), **CROP)
    assert taken.status == 200 and "Photo saved" in taken.body.decode(), taken.body.decode()
    photo = organiser.get("/v1/persons/" + who).json()["photo_id"]
    assert organiser.get("/v1/photos/" + photo).headers["Content-Type"] == "image/jpeg"
    assert organiser.get(f"/v1/photos/{photo}/original").body == sample()
    assert follow(service, path).status == 410
    assert send(service, path, photo=sample(), **CROP).status == 410
    assert organiser.get("/v1/persons/" + who).json()["photo_id"] == photo


def without_script_the_centred_crop_is_shown_first(service):
    organiser = PLACE["organiser"]
    who = new_person(organiser, 31)
    path = photo_path(organiser, person=who)
    empty = {name: "" for name in CROP}
    answer = send(service, path, photo=sample(), **empty)
    text = answer.body.decode()
    assert answer.status == 200 and "photo_id" not in organiser.get("/v1/persons/" + who).json(), answer.status
    upload = re.search(r'name=upload value="([0-9a-f]{32})"', text).group(1)
    shown = follow(service, f"{path}/{upload}.jpg")
    assert f"{path}/{upload}.jpg" in text and shown.status == 200 and shown.body[:2] == b"\xff\xd8", shown.status
    other = photo_path(organiser, person=who)
    assert follow(service, f"{other}/{'0' * 32}.jpg").status == 404
    foreign = photo_path(PLACE["all"], person=new_person(PLACE["all"], 32))
    assert follow(service, f"{foreign}/{upload}.jpg").status == 404  # of another organisation's visit
    assert send(service, foreign, upload=upload).status == 404
    assert send(service, path, upload=upload).status == 200
    assert organiser.get("/v1/persons/" + who).json()["photo_id"]
    assert follow(service, f"{path}/{upload}.jpg").status == 410


def of_two_photos_at_once_one_is_taken(service):
    path = photo_path(PLACE["organiser"], person=new_person(PLACE["organiser"], 33))
    gate = threading.Barrier(4)

    def one(n):
        gate.wait()
        return send(service, path, photo=picture(n, 413, 579)).status if n > 9 else \
            send(service, path, photo=picture(n, 413, 579), x=0, y=0, width=413, height=579, rotate=0).status
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        seen = sorted(pool.map(one, range(4)))
    assert seen == [200, 410, 410, 410], seen


def a_photo_by_link_queues_its_entry(service):
    organiser = PLACE["organiser"]
    path = approved([person(3), person(4)], "照片链接")
    entries = organiser.get(path + "/entries").json()["items"]
    filing = path.rsplit("/", 1)[1]
    link = photo_path(organiser, filing=filing, entry=entries[0]["id"])
    text = follow(service, link).body.decode()
    assert entries[0]["name"] in text and entries[0]["certificate_no"] in text, text[:1500]
    assert send(service, link, photo=sample(), **CROP).status == 200
    made(organiser, path, 1)
    assert counts(organiser, path)["waiting"] == 1
    organiser.post("/v1/photo-links", {"filing": filing, "entry": entries[0]["id"]}, 409)
    organiser.post("/v1/photo-links", {"filing": filing, "entry": "0" * 32}, 404)
    PLACE["stranger"].post("/v1/photo-links", {"filing": filing, "entry": entries[1]["id"]}, 404)


def a_photo_link_is_made_for_ones_own_people_only(service):
    organiser, who = PLACE["organiser"], PLACE["person"]
    PLACE["stranger"].post("/v1/photo-links", {"person": who}, 404)
    Office(service, "demo-organiser", "certificates.read").post("/v1/photo-links", {"person": who}, 403)
    everybodys = new_person(PLACE["all"], 34)
    organiser.post("/v1/photo-links", {"person": everybodys}, 404)
    for wrong in ({}, {"filing": "0" * 32}, {"person": who, "entry": "0" * 32}, {"person": who, "seconds": 5}):
        assert organiser.post("/v1/photo-links", wrong, 422).pointers(), wrong


def tokens_are_kept_nowhere(service):
    link = PLACE["link"].rsplit("/", 1)[1]
    photo = photo_path(PLACE["organiser"], person=PLACE["person"])
    follow(service, photo)
    for token in (link, photo.rsplit("/", 1)[1]):
        assert token not in service.log_text(), "the log has a token"
        for name in ("sealpress.db", "sealpress.db-wal"):
            with open(os.path.join(service.data, name), "rb") as f:
                assert token.encode() not in f.read(), "the database has a token"


def guessing_is_held_up_and_a_right_link_is_not(service):
    good = photo_path(PLACE["organiser"], person=PLACE["person"])
    seen = [follow(service, "/d/" + "A" * 32).status for _ in range(40)] + [follow(service, "/photo/" + "B" * 32).status for _ in range(40)]
    assert seen[0] == 410 and seen[-1] == 429, seen
    assert int(follow(service, "/d/x").headers["Retry-After"]) > 0
    assert follow(service, good).status == 200


if __name__ == "__main__":
    assert filings_test.PEOPLE
    sys.exit(run_all(sys.argv[1], [
        a_link_lends_a_certificate_to_the_first_browser_that_follows_it,
        of_many_at_once_one_gets_the_file,
        a_link_ends_by_itself,
        a_secure_cookie_is_set_where_there_is_https,
        only_who_may_see_a_file_lends_it,
        a_revoked_certificate_is_not_lent_any_more,
        an_archive_is_lent_as_well_and_goes_on_where_it_broke_off,
        a_photo_link_is_a_page_for_one_person_without_cookie,
        a_refused_photo_leaves_the_link_and_a_taken_one_uses_it_up,
        without_script_the_centred_crop_is_shown_first,
        of_two_photos_at_once_one_is_taken,
        a_photo_by_link_queues_its_entry,
        a_photo_link_is_made_for_ones_own_people_only,
        tokens_are_kept_nowhere,
        guessing_is_held_up_and_a_right_link_is_not,
    ]))
