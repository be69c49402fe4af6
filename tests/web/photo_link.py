"""A photo by link, on the real program in Chromium: in the frame of a portal that may have it and of one that may not, by
itself, and without script. The photo arrives, the portal is told, the link is over.

Usage: photo_link.py PROGRAM [SCREENSHOTS]
"""
import http.server
import os
import re
import shutil
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "http"), HERE]  # both have a service.py
from service import Service  # noqa: E402  pylint: disable=wrong-import-position
from browser import start_driver  # noqa: E402  pylint: disable=wrong-import-position
from cropper import Page  # noqa: E402  pylint: disable=wrong-import-position

wrong = []
PERSON = {"name": "韩春晓", "id_type": "居民身份证", "id_number": "340000198205270026", "gender": "女", "birth_date": "1982-05-27"}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def check(true, text):
    if not true:
        wrong.append(text)


class Portal(http.server.BaseHTTPRequestHandler):
    """A page of somebody else's that has ours in a frame."""

    def do_GET(self):
        target = self.path.split("?", 1)[1] if "?" in self.path else ""
        body = (f'<!doctype html><html lang=zh-CN><title>门户</title><link rel=icon href="data:,"><iframe id=f width=1200 height=900 src="{target}"></iframe>'
                "<script>window.got = []; addEventListener('message', (e) => got.push([e.origin, e.data]))</script>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Visit(Page):
    def find(self, selector, seconds=8):
        end = time.monotonic() + seconds
        while True:
            found = self.call("POST", self.session + "/elements", {"using": "css selector", "value": selector})
            if found or time.monotonic() > end:
                return found[0] if found else None
            time.sleep(0.05)

    def click(self, selector):
        found = self.find(selector)
        check(found, f"there is no {selector}")
        self.call("POST", f"{self.session}/element/{found[ELEMENT]}/click", {})

    def enter(self):
        self.call("POST", self.session + "/frame", {"id": self.find("#f")})

    def leave(self):
        self.call("POST", self.session + "/frame", {"id": None})

    def says(self, words, seconds=8):
        end = time.monotonic() + seconds
        while time.monotonic() < end and words not in self.run("return document.body ? document.body.textContent : ''"):
            time.sleep(0.05)
        seen = self.run("return document.body ? document.body.textContent : ''")
        check(words in seen, f"not {words}, but {seen[:200]}")


def serve_portal():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


class Desk:
    """Who makes the links."""

    def __init__(self, service, origins):
        self.service = service
        text = service.run("key", "new", "--name", "portal", "--organisation", "demo-organiser", "--scopes", "all", "--origins", origins)
        self.key = re.search(r"sp_[0-9a-f]{16}_\S+", text).group(0)
        answer = service.ask("POST", "/v1/persons", PERSON, self.key)
        assert answer.status in (200, 201), answer.body
        self.person = answer.json()["id"]

    def link(self):
        answer = self.service.ask("POST", "/v1/photo-links", {"person": self.person}, self.key)
        assert answer.status == 201, answer.body
        return f"http://127.0.0.1:{self.service.port}/photo/" + answer.json()["url"].rsplit("/", 1)[1] + "?lang=zh"

    def photo(self):
        return self.service.ask("GET", "/v1/persons/" + self.person, None, self.key).json().get("photo_id")


def in_a_frame_that_may(visit, desk, portal, sample, shots):
    link = desk.link()
    visit.open(f"{portal}/?{link}")
    visit.enter()
    check(visit.find("#cr-file"), "the page is not in the frame")
    visit.take(sample)
    visit.press("+", "+", "+", "]", "]")
    visit.shows(zoom="106%", angle="1°")
    if shots:
        visit.picture(os.path.join(shots, "portal.png"))
    visit.click("#cr-use")
    visit.says("照片已保存")
    visit.leave()
    end = time.monotonic() + 8
    while time.monotonic() < end and not visit.run("return got.length"):
        time.sleep(0.05)
    got = visit.run("return got")
    check(got == [[f"http://127.0.0.1:{desk.service.port}", {"sealpress": "photo", "state": "taken"}]], f"the portal was told {got}")
    check(desk.photo(), "the person has no photo")
    check(visit.run("return document.cookie") == "", "a cookie")
    visit.open(f"{portal}/?{link}")
    visit.enter()
    visit.says("链接已失效")
    visit.leave()
    said = [line for line in visit.complaints() if "410" not in line]  # the browser tells of every status like that
    check(not said, f"console: {said}")


def in_a_frame_that_may_not(visit, desk, other):
    visit.open(f"{other}/?{desk.link()}")
    time.sleep(1)
    visit.enter()
    check(visit.find("#cr", 1) is None, "somebody else's frame shows the page")
    visit.leave()
    check(any("frame-ancestors" in line for line in visit.complaints()), "the browser did not refuse the frame")


def by_itself_a_refused_photo_can_be_followed_by_a_good_one(visit, desk, sample, folder):
    with open(sample, "rb") as f:
        content = f.read()
    middle = len(content) // 2  # it begins and ends like a photo
    path = os.path.join(folder, "holed.jpg")
    with open(path, "wb") as f:
        f.write(content[:middle] + bytes(4000) + content[middle + 4000:])
    visit.open(desk.link())
    before = desk.photo()
    visit.choose(path)
    seen = visit.look(lambda s: s["open"] or s["said"])
    if seen["open"]:  # browsers forgive what the service does not
        visit.click("#cr-use")
        visit.says("照片没有保存")
        check(visit.run("return document.activeElement.id") == "cr-say", "the focus is not on the reason")
    check(desk.photo() == before, "a damaged photo was taken")
    visit.take(sample)
    visit.click("#cr-use")
    visit.says("照片已保存")
    check(desk.photo() not in (None, before), "the good photo was not taken")
    visit.complaints()


def without_script(visit, desk, sample, shots):
    visit.devtools("Emulation.setScriptExecutionDisabled", value=True)
    visit.open(desk.link())
    before = desk.photo()
    check(visit.find("#cr-work[hidden]"), "the stage is seen without script")
    visit.choose(sample)
    visit.click("#cr-send")
    check(visit.find(".cr-centred img"), "the crop is not shown")
    if shots:
        visit.picture(os.path.join(shots, "without-script.png"))
    check(desk.photo() == before, "taken before it was shown")
    visit.click(".cr-centred button")
    check(visit.find(".cr-end"), "not taken")
    check(desk.photo() not in (None, before), "the photo was not taken without script")
    visit.devtools("Emulation.setScriptExecutionDisabled", value=False)
    said = visit.complaints()
    check(not said, f"console: {said}")


def try_all(base, service, folder, shots):
    (_, portal), (_, other) = serve_portal(), serve_portal()
    sample = os.path.join(os.environ["SEALPRESS_SOURCE"], "samples", "photo.jpg")
    desk = Desk(service, f"https://zjsq.example.cn,{portal}")
    visit = Visit(base, 1440, 1000, 1, os.path.join(folder, "profile"))
    try:
        in_a_frame_that_may(visit, desk, portal, sample, shots)
        in_a_frame_that_may_not(visit, desk, other)
        by_itself_a_refused_photo_can_be_followed_by_a_good_one(visit, desk, sample, folder)
        without_script(visit, desk, sample, shots)
    finally:
        visit.quit()


def main():
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("chromium or chromedriver is not installed")
        return 77
    shots = sys.argv[2] if len(sys.argv) > 2 else None
    service, driver = Service(sys.argv[1]), None
    try:
        service.start()
        driver, base = start_driver()
        with tempfile.TemporaryDirectory() as folder:
            try_all(base, service, folder, shots)
        check("Sanitizer" not in service.log_text(), service.log_text()[-4000:])
    finally:
        if driver:
            driver.terminate()
            driver.wait()
        service.close()
    print("\n".join(wrong))
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
