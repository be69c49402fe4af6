"""The photo cropper in Chromium: mouse, wheel, keys, two fingers, sliders, files that are no photos; what the page shows is
what the program cuts, for every EXIF orientation; the browser complains of nothing.

Usage: cropper.py PAGES PROGRAM [SCREENSHOTS]   (PAGES writes the pages; PROGRAM cuts; SCREENSHOTS keeps pictures)
"""
import base64
import email
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Driver, start_driver  # noqa: E402  pylint: disable=wrong-import-position

POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; script-src 'self'; "
          "connect-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; frame-ancestors 'none'")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
         ".jpg": "image/jpeg"}
RATIO = 413 / 132  # the canvas of actual size has as many pixels then as the photo that is cut
wrong = []

LOOK = """
const $ = (id) => document.getElementById('cr-' + id), doc = document.documentElement, out = {};
out.ready = document.readyState === 'complete';
out.open = !$('work').hidden;
out.zoom = $('z').textContent; out.angle = $('a').textContent; out.slider = $('zoom').value;
const told = $('say').firstChild || $('note').firstChild;
out.said = told ? told.textContent : ''; out.tone = told ? told.className : '';
out.live = $('live').textContent; out.focus = document.activeElement.id; out.ask = $('ask').open;
out.use = !$('use').disabled; out.sharp = $('sharp').className + ' ' + $('sharp').lastChild.textContent;
out.type = $('type').lastChild.textContent;
out.file = $('file').files.length ? $('file').files[0].name : '';
out.scroll = doc.scrollWidth - doc.clientWidth;
out.styled = document.querySelectorAll('style').length;
out.clipped = [...document.querySelectorAll('body *')].filter(e => !e.closest('svg,.cr-stage,.cr-vh') && e.getClientRects().length > 0 &&
  e.getBoundingClientRect().right > doc.clientWidth + 0.5).map(e => e.tagName + '#' + e.id).slice(0, 5);
out.small = [...document.querySelectorAll('a,button,input')].filter(e => e.getClientRects().length > 0 &&
  e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 60));
out.noname = [...document.querySelectorAll('input:not([type=hidden])')].filter(i => i.labels.length === 0).length;
out.h1 = document.querySelectorAll('h1').length;
return out;
"""
# What the form would send, without sending it.
CROP = """
const form = document.getElementById('cr-form'), use = document.getElementById('cr-use'), out = {};
form.addEventListener('submit', (e) => e.preventDefault(), {once: true});
use.click();
for (const name of ['x', 'y', 'width', 'height', 'rotate']) out[name] = Number(form.elements[name].value);
return new Promise((done) => setTimeout(() => { use.disabled = false; done(out); }, 50));
"""
# A picture with a mark in every corner that is like no other.
DRAW = """
const [w, h, type, quality] = arguments, c = document.createElement('canvas'), pen = c.getContext('2d');
c.width = w; c.height = h;
const g = pen.createLinearGradient(0, 0, w, h);
g.addColorStop(0, '#d0e0f8'); g.addColorStop(1, '#284878');
pen.fillStyle = g; pen.fillRect(0, 0, w, h);
[['#c02020', .3, .25, .09], ['#20a040', .7, .3, .12], ['#e0c020', .35, .75, .15], ['#8020a0', .72, .7, .06]].forEach(([fill, x, y, r]) => {
  pen.fillStyle = fill; pen.beginPath(); pen.arc(x * w, y * h, r * Math.min(w, h), 0, 7); pen.fill(); });
pen.lineWidth = w / 90; pen.strokeStyle = '#101820'; pen.strokeRect(w * .42, h * .4, w * .2, h * .12);
return c.toDataURL(type, quality).split(',')[1];
"""
# How far the canvas of actual size is from a JPEG: mean difference of a channel, and the same with the JPEG moved.
COMPARE = """
const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0)), real = document.getElementById('cr-real');
return createImageBitmap(new Blob([bytes], {type: 'image/jpeg'})).then((cut) => {
  if (cut.width !== real.width || cut.height !== real.height) return ['size', real.width, real.height, cut.width, cut.height];
  const pixels = (source) => { const c = new OffscreenCanvas(413, 579), pen = c.getContext('2d'); pen.drawImage(source, 0, 0);
    return pen.getImageData(0, 0, 413, 579).data; };
  const a = pixels(real), b = pixels(cut);
  const apart = (dx, dy) => { let sum = 0, n = 0;
    for (let y = 8; y < 571; y += 2) for (let x = 8; x < 405; x += 2) for (let k = 0; k < 3; k++, n++)
      sum += Math.abs(a[(y * 413 + x) * 4 + k] - b[((y + dy) * 413 + x + dx) * 4 + k]);
    return sum / n; };
  return [apart(0, 0), Math.min(apart(2, 0), apart(-2, 0), apart(0, 2), apart(0, -2))];
});
"""


def check(true, text):
    if not true:
        wrong.append(text)


class Pages(http.server.BaseHTTPRequestHandler):
    root, sent = "", []

    def answer(self, name):
        with open(os.path.join(self.root, name), "rb") as f:
            body = f.read()
        self.send_response(200)
        self.send_header("Content-Type", TYPES[os.path.splitext(name)[1]])
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = self.path.lstrip("/").split("?")[0]
        if ".." in name or not os.path.isfile(os.path.join(self.root, name)):
            self.send_error(404)
        else:
            self.answer(name)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = email.message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        self.sent.append({part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                          for part in form.get_payload()})
        self.answer("taken.html")

    def log_message(self, *args):
        pass


class Page(Driver):
    """A browser with the cropper open."""

    def run(self, script, *args):
        return self.call("POST", self.session + "/execute/sync", {"script": script, "args": list(args)})

    def look(self, until=None, seconds=8):
        end = time.monotonic() + seconds
        while True:
            seen = self.run(LOOK)
            if (until is None and seen["ready"]) or (until is not None and until(seen)) or time.monotonic() > end:
                return seen
            time.sleep(0.05)

    def shows(self, **wanted):
        """Whether it comes to show all of this."""
        seen = self.look(lambda s: all(s[k] == v for k, v in wanted.items()))
        check(all(seen[k] == v for k, v in wanted.items()), f"{({k: seen[k] for k in wanted})} instead of {wanted}")

    def choose(self, path):
        found = self.call("POST", self.session + "/element", {"using": "css selector", "value": "#cr-file"})
        self.call("POST", f"{self.session}/element/{next(iter(found.values()))}/value", {"text": path})

    def take(self, path):
        """A photo that opens."""
        self.choose(path)
        name = os.path.basename(path)
        seen = self.look(lambda s: s["open"] and s["file"] == name and s["live"] != "")
        check(seen["open"], f"{name} does not open: {seen['said']}")
        return seen

    def crop(self):
        return self.run(CROP)

    def act(self, *sources):
        self.call("POST", self.session + "/actions", {"actions": list(sources)})
        self.call("DELETE", self.session + "/actions")

    def press(self, *keys):
        steps = []
        for key in keys:
            held = ["\ue008"] if key.startswith("shift ") else []
            key = key.removeprefix("shift ")
            steps += [{"type": "keyDown", "value": k} for k in held + [key]]
            steps += [{"type": "keyUp", "value": k} for k in [key] + held]
        self.act({"type": "key", "id": "keys", "actions": steps})

    def middle(self, selector="#cr-frame"):
        return self.run("const r = document.querySelector(arguments[0]).getBoundingClientRect();"
                        "return [r.left + r.width / 2, r.top + r.height / 2, r.width]", selector)

    def drag(self, dx, dy):
        x, y, _ = self.middle()
        self.act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [
            {"type": "pointerMove", "x": round(x), "y": round(y)}, {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": round(x) + dx, "y": round(y) + dy, "duration": 100},
            {"type": "pointerUp", "button": 0}]})

    def wheel(self, dx, dy, turns):
        x, y, _ = self.middle()
        self.act({"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "x": round(x) + dx, "y": round(y) + dy, "deltaX": 0, "deltaY": turns}]})

    def fingers(self, *moments):
        """Each a list of points, seen from the frame's middle."""
        x, y, _ = self.middle()
        for kind, points in zip(["touchStart"] + ["touchMove"] * (len(moments) - 1), moments):
            self.devtools("Input.dispatchTouchEvent", type=kind,
                          touchPoints=[{"x": x + px, "y": y + py, "id": i} for i, (px, py) in enumerate(points)])
        self.devtools("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def near(a, b, most):
    return abs(a - b) <= most


def write(path, content):
    with open(path, "wb") as f:
        f.write(content)
    return path


def turned(jpeg, orientation):
    """The JPEG with an EXIF orientation (CIPA DC-008, tag 0x0112)."""
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([orientation]) + b"\0\0\0\0\0\0"
    app1 = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + (len(app1) + 2).to_bytes(2, "big") + app1 + jpeg[2:]


def cut(program, path, crop):
    """What the program makes of it."""
    out = path + ".cut.jpg"
    done = subprocess.run([program, "photo", path, "-o", out, "--crop",
                           ",".join(str(crop[k]) for k in ("x", "y", "width", "height")), f"--rotate={crop['rotate']}"],
                          capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C.UTF-8"})
    if done.returncode != 0:
        check(False, f"{os.path.basename(path)} {crop}: {done.stdout} {done.stderr}")
        return None
    with open(out, "rb") as f:
        return base64.b64encode(f.read()).decode()


def judge_likeness(page, site, program, picture, folder):
    """Canvas and program agree, whatever the orientation, the angle, the place."""
    worst = 0
    for orientation in range(1, 9):
        path = write(f"{folder}/turned-{orientation}.jpg", turned(picture, orientation))
        page.open(f"{site}/plain.html")
        page.look()
        page.take(path)
        for keys in ([], ["+"] * 20 + ["]"] * 15 + ["shift " + "\ue014"] * 2 + ["\ue013"] * 4,
                     ["shift }"] + ["["] * 20 + ["shift " + "\ue012"] * 3):
            page.press(*keys)
            time.sleep(0.1)
            crop = page.crop()
            jpeg = cut(program, path, crop)
            if jpeg is None:
                continue
            seen = page.run(COMPARE, jpeg)
            check(seen[0] != "size" and seen[0] < 4 and seen[1] > seen[0] * 1.3,
                  f"orientation {orientation}, {crop}: page and program differ by {seen}")
            if seen[0] != "size":
                worst = max(worst, seen[0])
    return worst


def judge_mouse(page, site, path):
    page.open(f"{site}/plain.html")
    seen = page.look()
    check(not seen["open"], "the stage is there before a photo is")
    page.take(path)
    page.shows(focus="cr-stage", zoom="100%", angle="0°", slider="100")
    start = page.crop()
    check(near(start["width"] / start["height"], 413 / 579, 1e-4), f"not the shape of the photo: {start}")
    page.wheel(0, 0, -400)
    zoomed = page.crop()
    check(zoomed["width"] < start["width"] / 1.5, f"the wheel does not zoom: {zoomed}")
    check(near(zoomed["x"] + zoomed["width"] / 2, start["x"] + start["width"] / 2, 1), "zooms beside the pointer")
    page.drag(40, -30)
    moved = page.crop()
    k = 310 / zoomed["width"]
    check(near(moved["x"], zoomed["x"] - 40 / k, 2) and near(moved["y"], zoomed["y"] + 30 / k, 2),
          f"dragged by 40, -30: {zoomed} {moved}")
    for _ in range(4):
        page.drag(400, 300)
    corner = page.crop()
    check(near(corner["x"], 0, 0.1) and near(corner["y"], 0, 0.1), f"leaves the picture: {corner}")
    page.wheel(60, 100, -100)
    k, before = 310 / corner["width"], page.crop()
    check(near(before["x"], corner["x"] + (155 + 60) / k * (1 - before["width"] / corner["width"]), 2), "not at the pointer")


def judge_keys(page, site, path):
    left, right, up, tab, escape = "\ue012", "\ue014", "\ue013", "\ue004", "\ue00c"
    page.open(f"{site}/back.html")
    page.look()
    page.take(path)
    page.press(*["+"] * 10)
    page.shows(zoom="120%")
    one = page.crop()
    page.press(left)
    two = page.crop()
    check(near(two["x"] - one["x"], one["width"] * 0.005, 0.1), f"the left arrow moves by {two['x'] - one['x']}")
    page.press("shift " + right, up)
    three = page.crop()
    check(near(two["x"] - three["x"], one["width"] * 0.05, 0.1), "shift and the right arrow")
    check(near(three["y"] - two["y"], one["width"] * 0.005, 0.1), "the up arrow")
    page.press("]", "]", "]")
    page.shows(angle="1.5°", live="缩放 120%，角度 1.5°")
    page.press(*["["] * 40)
    page.shows(angle="−15°")
    page.press("shift }")
    check(near(page.crop()["rotate"], 75, 0.01), "shift and ] turns by 90°")
    page.press("0")
    page.shows(zoom="100%", angle="0°", focus="cr-stage")
    check(page.crop()["rotate"] == 0, "0 does not turn it back")
    order = ["cr-stage"]
    for _ in range(9):
        page.press(tab)
        order.append(page.look()["focus"])
    check(order == ["cr-stage", "cr-out", "cr-zoom", "cr-in", "cr-left", "cr-angle", "cr-right", "cr-other", "cr-back", "cr-use"],
          f"the tab key goes through {order}")
    page.run("document.getElementById('cr-stage').focus()")
    page.press("+", escape)
    page.shows(ask=True)
    page.press(escape)
    page.shows(ask=False, focus="cr-stage", zoom="102%")
    page.press("0", escape)
    end = time.monotonic() + 5
    while time.monotonic() < end and not page.run("return location.pathname").endswith("/plain.html"):
        time.sleep(0.05)
    check(page.run("return location.pathname") == "/plain.html", "Esc does not lead back")


def judge_controls(page, site, path, small):
    def slide(what, value):
        page.run("const i = document.getElementById('cr-' + arguments[0]); i.value = arguments[1];"
                 "i.dispatchEvent(new Event('input', {bubbles: true}))", what, value)
        time.sleep(0.15)
        return page.look()
    page.open(f"{site}/plain.html")
    page.look()
    page.take(path)
    check(slide("zoom", 250)["zoom"] == "250%", "the zoom slider")
    check(slide("angle", -1.5)["angle"] == "−1.5°", "the angle slider")
    for angle in (-15, -7, 0, 3.5, 15):
        slide("zoom", 100)
        slide("angle", angle)
        page.drag(300, 300)
        c = page.crop()
        check(c["x"] > -0.6 and c["y"] > -0.6, f"at {angle}°: {c}")
    page.run("document.getElementById('cr-right').click()")
    check(page.crop()["rotate"] == 105, "the button turns by 90°")
    page.take(small)
    seen = slide("zoom", 400)
    check("裁剪范围太小" in seen["said"] and re.search(r"裁剪后只有 \d+ × \d+ 像素。请缩小到 \d+% 以内", seen["said"]), seen["said"])
    check(page.crop()["width"] >= 294.9 and seen["use"], f"zoom does not stop: {page.crop()}")
    seen = slide("zoom", 100)
    check("照片偏模糊" in seen["said"] and seen["sharp"].startswith("warn") and seen["use"], f"{seen['said']} {seen['sharp']}")
    seen = slide("angle", 15)
    check("转动后，裁剪后只有" in seen["said"] and not seen["use"], f"turned too far: {seen['said']} {seen['use']}")


def judge_files(page, site, good, bad):
    page.open(f"{site}/plain.html")
    page.look()
    for path, words in bad:
        page.choose(path)
        name = os.path.basename(path)
        seen = page.look(lambda s, w=words: w in s["said"] and s["file"] == "")
        check(words in seen["said"] and "bad" in seen["tone"] and seen["file"] == "" and not seen["open"], f"{name}: {seen}")
    page.take(good)
    for path, words in bad:
        page.choose(path)
        seen = page.look(lambda s, w=words: w in s["said"] and s["file"] == os.path.basename(good))
        check(words in seen["said"] and seen["open"] and seen["file"] == os.path.basename(good), f"instead of a good one: {seen}")


def judge_touch(page, site, path):
    page.open(f"{site}/embedded.html")
    page.look()
    page.take(path)
    start = page.crop()
    page.fingers([(-40, 0), (40, 0)], [(-60, 0), (60, 0)], [(-80, 0), (80, 0)])
    page.shows(zoom="200%")
    check(near(page.crop()["width"] * 2, start["width"], 1), "two fingers do not zoom")
    page.fingers([(-80, 0), (80, 0)], [(-80, -7), (80, 7)], [(-79.7, -14), (79.7, 14)])
    page.shows(angle="10°")
    before = page.crop()
    page.fingers([(0, 0)], [(10, 0)], [(20, 10)])
    after = page.crop()
    check(after["x"] < before["x"] - 1 and after["y"] < before["y"] - 0.5, f"dragged with a finger: {before} {after}")


def judge_submission(page, site, path):
    page.open(f"{site}/back.html")
    page.look()
    page.take(path)
    page.press("+", "+", "]")
    crop = page.crop()
    page.run("document.getElementById('cr-use').click()")
    end = time.monotonic() + 8
    while time.monotonic() < end and not Pages.sent:
        time.sleep(0.05)
    sent = Pages.sent[-1] if Pages.sent else {}
    with open(path, "rb") as f:
        check(sent.get("photo") == f.read(), "the original is not what was sent")
    check(sent.get("form_token") == b'form"token', f"form_token is {sent.get('form_token')}")
    for name, value in crop.items():
        check(near(float(sent.get(name, b"nan")), value, 1e-6), f"{name} is {sent.get(name)}, not {value}")


def judge_looks(page, site, width, path, shots):
    def keep(name):
        if shots:
            page.picture(os.path.join(shots, f"{name}-{width}.png"))
    for name in ("plain", "plain.en", "embedded", "back", "problem", "centred", "taken", "over", "file-over.en"):
        page.open(f"{site}/{name}.html")
        time.sleep(0.2)
        seen = page.run("const d = document.documentElement; return [d.scrollWidth - d.clientWidth, d.lang,"
                        "document.querySelectorAll('h1').length, document.querySelectorAll('[style],style').length, document.activeElement.id]")
        check(seen[:4] == [0, "en" if ".en" in name else "zh-CN", 1, 0], f"{name} at {width}: {seen}")
        check(name != "problem" or seen[4] == "cr-say", "the focus is not on what went wrong")
        keep(name)
    for name in ("plain", "plain.en", "back"):
        page.open(f"{site}/{name}.html")
        page.look()
        page.take(path)
        page.press(*["+"] * 6 + ["["] * 3)
        time.sleep(0.7)
        page.shows(zoom="112%", angle="−1.5°")
        seen = page.look()
        check(seen["scroll"] == 0 and not seen["clipped"] and seen["styled"] == 0, f"{name} at {width}: {seen}")
        check(width >= 640 or not seen["small"], f"small targets at {width}: {seen['small']}")
        check(seen["noname"] == 0 and seen["h1"] == 1, f"{name}: {seen}")
        keep(name + "-open")
    page.press("\ue00c")
    time.sleep(0.2)
    keep("ask")


def pictures(page, site, folder):
    """Files to choose, good and bad, by path."""
    page.open(f"{site}/plain.html")
    page.look()

    def draw(w, h, kind="image/jpeg"):
        return base64.b64decode(page.run(DRAW, w, h, kind, 0.92))
    big, marked = draw(900, 1300), {}
    marked["picture"] = big
    marked["good"] = write(f"{folder}/good.jpg", big)
    marked["png"] = write(f"{folder}/good.png", draw(700, 900, "image/png"))
    marked["little"] = write(f"{folder}/little.jpg", draw(320, 448))
    sof = big.index(b"\xff\xc0")
    huge = big[:sof + 5] + (5000).to_bytes(2, "big") + (10000).to_bytes(2, "big") + big[sof + 9:]
    with open(marked["png"], "rb") as f:
        png = f.read()
    marked["bad"] = [
        (write(f"{folder}/small.jpg", draw(200, 200)), "这张照片 200 × 200 像素，至少需要 295 × 413 像素"),
        (write(f"{folder}/cut.jpg", big[:len(big) // 2]), "照片只有一部分，无法打开"),
        (write(f"{folder}/cut.png", png[:-20]), "照片只有一部分，无法打开"),
        (write(f"{folder}/phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000)), "只支持 JPG 和 PNG"),
        (write(f"{folder}/renamed.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000)), "iPhone 的 HEIC 照片请先另存为 JPG"),
        (write(f"{folder}/huge.jpg", huge), "照片超过 4000 万像素"),
        (write(f"{folder}/heavy.jpg", big + bytes(14890000)), "最大 10 MB"),
    ]
    return marked


def look(base, site, program, shots, folder, profiles):
    page = Page(base, 1440, 900, 1, os.path.join(profiles, "wide"))
    try:
        files = pictures(page, site, folder)
        sample = os.path.join(os.environ["SEALPRESS_SOURCE"], "samples", "photo.jpg")
        judge_mouse(page, site, files["good"])
        judge_keys(page, site, files["png"])
        judge_controls(page, site, files["good"], files["little"])
        judge_files(page, site, files["good"], files["bad"])
        judge_submission(page, site, files["good"])
        judge_looks(page, site, 1440, sample, shots)
        wrong.extend(f"console: {line}" for line in page.complaints())
    finally:
        page.quit()
    page = Page(base, 1440, 900, RATIO, os.path.join(profiles, "exact"))
    try:
        worst = judge_likeness(page, site, program, files["picture"], folder)
    finally:
        page.quit()
    for width in (390, 320):
        page = Page(base, width, 844 if width == 390 else 568, 2, os.path.join(profiles, str(width)))
        try:
            judge_touch(page, site, files["good"])
            judge_looks(page, site, width, sample, shots)
            wrong.extend(f"console at {width}: {line}" for line in page.complaints())
        finally:
            page.quit()
    return worst


def main():
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("chromium or chromedriver is not installed")
        return 77
    pages, program = sys.argv[1:3]
    shots = sys.argv[3] if len(sys.argv) > 3 else None
    if shots:
        os.makedirs(shots, exist_ok=True)
    process, base = start_driver()
    try:
        with tempfile.TemporaryDirectory() as profiles, tempfile.TemporaryDirectory() as folder:
            Pages.root = os.path.join(folder, "site")
            subprocess.run([pages, Pages.root], check=True)
            shutil.copy(os.path.join(os.environ["SEALPRESS_SOURCE"], "samples", "photo.jpg"), f"{Pages.root}/photo.jpg")
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            worst = look(base, f"http://127.0.0.1:{server.server_port}", program, shots, folder, profiles)
            server.shutdown()
    finally:
        process.terminate()
        process.wait()
    print("\n".join(wrong))
    print(f"page and program differ by {worst:.2f} of 255 at most; {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
