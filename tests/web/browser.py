"""Every public page in Chromium, at the widths of a small phone, a phone and a desk: nothing scrolls sideways, nothing
is clipped, the browser complains of nothing, no script ran, touch targets are large enough, verdicts have their colour,
and a certificate prints on one A4 page.

Usage: browser.py GALLERY DIRECTORY [SCREENSHOTS]   (GALLERY writes the pages; SCREENSHOTS keeps pictures)
"""
import base64
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}
BANDS = {
    "valid": (11, 107, 67), "unsealed": (11, 107, 67), "genuine": (11, 107, 67), "long": (11, 107, 67),
    "revoked": (180, 35, 24), "cancelled": (180, 35, 24), "altered": (180, 35, 24), "altered-long": (180, 35, 24),
    "long-revoked": (180, 35, 24), "suspended": (138, 83, 0), "replaced": (138, 83, 0), "fault": (138, 83, 0),
    "test": (138, 83, 0), "rare": (138, 83, 0), "sample": (138, 83, 0), "unknown": (70, 81, 97), "wait": (70, 81, 97),
    "unavailable": (70, 81, 97), "problem": (70, 81, 97), "up-revoked": (180, 35, 24), "up-replaced": (138, 83, 0),
    "up-not-ours": (138, 83, 0), "up-test": (138, 83, 0), "up-undecided": (70, 81, 97), "up-not-signed": (70, 81, 97),
    "rare-long": (138, 83, 0),
}
NOTED = re.compile(r"(upload|find)-")  # pages that say what was wrong with what was sent
# What is seen from within: widths, clipped text, small targets, the band.
PROBE = """
const out = {};
const doc = document.documentElement;
out.ready = document.readyState === 'complete';
out.scroll = doc.scrollWidth - doc.clientWidth;
out.scripts = document.querySelectorAll('script,style,[style]').length;
out.clipped = [...document.querySelectorAll('body *')].filter(e => !e.closest('svg') &&
  (e.getBoundingClientRect().right > doc.clientWidth + 0.5 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 &&
   getComputedStyle(e).display !== 'inline')).map(e => e.tagName + '.' + e.className).slice(0, 5);
out.small = [...document.querySelectorAll('a,button,input')].filter(e => e.getClientRects().length > 0 && e.getBoundingClientRect().height < 43.5)
  .map(e => e.tagName + ' ' + e.getBoundingClientRect().height).slice(0, 5);
const band = document.querySelector('.band');
out.band = band ? getComputedStyle(band).backgroundColor.match(/\\d+/g).map(Number) : null;
out.h1 = document.querySelectorAll('h1').length;
out.lang = doc.lang;
out.images = [...document.images].filter(i => !i.complete || i.naturalWidth === 0).length;
out.focus = document.activeElement.id;
out.noname = [...document.querySelectorAll('input')].filter(i => i.labels.length === 0).length;
return out;
"""


class Files(http.server.BaseHTTPRequestHandler):
    root = ""

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.startswith("/v/seal/"):
            path = "/seal.svg"
        if path.endswith("/long/name.svg"):
            path = "/x/name-long.svg"
        if path.endswith(("/photo.jpg", "/name.svg", "/name-long.svg")):
            path = "/" + path.rsplit("/", 1)[1]
        name = os.path.join(self.root, path.lstrip("/"))
        if ".." in path or not os.path.isfile(name):
            self.send_error(404)
            return
        with open(name, "rb") as f:
            body = f.read()
        self.send_response(200)
        inert = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}
        for header, value in (HEADERS | (inert if name.endswith("/seal.svg") else {})).items():
            self.send_header(header, value)
        self.send_header("Content-Type", TYPES.get(os.path.splitext(name)[1], "application/octet-stream"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Driver:
    """A browser session over WebDriver."""

    def __init__(self, base, width, height, ratio, profile):
        self.base = base
        args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--hide-scrollbars", "--no-proxy-server", "--user-data-dir=" + profile]
        options = {"args": args, "mobileEmulation": {"deviceMetrics": {
            "width": width, "height": height, "pixelRatio": ratio, "touch": width < 640, "mobile": width < 640}}}
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(e.read().decode()[:500]) from None

    def open(self, url):
        self.call("POST", self.session + "/url", {"url": url})

    def probe(self):
        return self.call("POST", self.session + "/execute/sync", {"script": PROBE, "args": []})

    def complaints(self):
        return [line["message"] for line in self.call("POST", self.session + "/se/log", {"type": "browser"})]

    def devtools(self, command, **params):
        return self.call("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": params})

    def picture(self, path):
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def pages_printed(self):
        pdf = base64.b64decode(self.devtools("Page.printToPDF", preferCSSPageSize=True)["data"])
        return pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page\n"), pdf

    def quit(self):
        self.call("DELETE", self.session)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_driver():
    port = free_port()
    process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return process, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    process.terminate()
    raise RuntimeError("chromedriver does not answer")


def judge(name, seen, width, complaints):
    wrong = []
    state = name.removesuffix(".html").removesuffix(".en")
    if not seen["ready"]:
        wrong.append("never finished loading")
    if seen["scroll"] > 0:
        wrong.append(f"scrolls {seen['scroll']} px sideways")
    if seen["scripts"]:
        wrong.append("has a script, style or style attribute")
    if seen["clipped"]:
        wrong.append(f"clips {seen['clipped']}")
    if width < 640 and seen["small"]:
        wrong.append(f"small targets {seen['small']}")
    if state in BANDS and tuple(seen["band"] or ())[:3] != BANDS[state]:
        wrong.append(f"band is {seen['band']}")
    if seen["h1"] != 1:
        wrong.append(f"{seen['h1']} h1")
    if seen["lang"] != ("en" if ".en." in name else "zh-CN"):
        wrong.append(f"lang is {seen['lang']}")
    if seen["images"]:
        wrong.append("an image does not show")
    if NOTED.match(name) and seen["focus"] != "msg":
        wrong.append("the focus is not on what went wrong")
    if seen["noname"]:
        wrong.append("an input without label")
    wrong += [f"console: {line}" for line in complaints]
    return [f"{name} at {width}: {text}" for text in wrong]


def look(base, pages, site, shots, profiles):
    wrong, count = [], 0
    for width, height, ratio in ((320, 568, 2), (390, 844, 2), (1440, 900, 1)):
        driver = Driver(base, width, height, ratio, os.path.join(profiles, str(width)))
        try:
            for name in pages:
                driver.open(f"{site}/{name}")
                seen = driver.probe()
                for _ in range(50):  # a busy machine's driver may answer before the page is whole; autofocus waits for a frame
                    if seen["ready"] and (not NOTED.match(name) or seen["focus"] == "msg"):
                        break
                    time.sleep(0.1)
                    seen = driver.probe()
                wrong += judge(name, seen, width, driver.complaints())
                count += 1
                if shots:
                    driver.picture(os.path.join(shots, f"{name.removesuffix('.html')}-{width}.png"))
            if width == 1440:
                for name in ("valid.html", "long.html", "revoked.html", "altered.html"):
                    driver.open(f"{site}/{name}")
                    sheets, pdf = driver.pages_printed()
                    if sheets != 1 and name != "altered.html":
                        wrong.append(f"{name} prints on {sheets} pages")
                    if shots:
                        with open(os.path.join(shots, name.replace(".html", ".pdf")), "wb") as f:
                            f.write(pdf)
        finally:
            driver.quit()
    return wrong, count


def main():
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("chromium or chromedriver is not installed")
        return 77
    gallery, folder = sys.argv[1], sys.argv[2]
    shots = sys.argv[3] if len(sys.argv) > 3 else None
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([gallery, folder], check=True)
    if shots:
        os.makedirs(shots, exist_ok=True)
    Files.root = folder
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pages = sorted(n for n in os.listdir(folder) if n.endswith(".html"))
    if shots and len(sys.argv) > 4:
        pages = [n for n in pages if n.removesuffix(".html") in sys.argv[4:]]
    process, base = start_driver()
    try:
        with tempfile.TemporaryDirectory() as profiles:
            wrong, count = look(base, pages, f"http://127.0.0.1:{server.server_port}", shots, profiles)
    finally:
        process.terminate()
        process.wait()
        server.shutdown()
    print("\n".join(wrong))
    print(f"{count} views of {len(pages)} pages, {len(wrong)} faults")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
