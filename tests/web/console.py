"""The organiser's console on the real program, in Chromium: sign in, make a filing, import a list with errors and without,
photos, approve with another office's key, watch it being made, download, the drawer, keys alone; what strangers, forms of
other sites and sessions that ended are refused. The browser complains of nothing.

Usage: console.py PROGRAM SCREENSHOTS
"""
import http.client
import io
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.parse
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "http"), HERE]  # both have a service.py
from browser import Driver, start_driver  # noqa: E402  pylint: disable=wrong-import-position
from filings_test import PDF, csv_of, person, photos_zip, picture, xlsx_of  # noqa: E402  pylint: disable=wrong-import-position
from service import Service  # noqa: E402  pylint: disable=wrong-import-position

PEOPLE = 60
POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
          "'none'; script-src 'self'; connect-src 'self'; frame-src 'self'; require-trusted-types-for 'script'")
HOSTILE = "<script>alert(1)</script>"
wrong = []

LOOK = """
const d = document.documentElement, out = {};
out.scroll = d.scrollWidth - d.clientWidth;
out.h1 = document.querySelectorAll('h1').length;
out.clipped = [...document.querySelectorAll('body *')].filter(e => !e.closest('svg,.scroll,.tabs,.vh,.skip,thead,dialog:not([open]),.cr-stage,.cr-vh') &&
  e.getClientRects().length > 0 && e.getBoundingClientRect().right > d.clientWidth + 0.5).map(e => e.tagName + '.' + e.className).slice(0, 5);
out.small = innerWidth >= 640 ? [] : [...document.querySelectorAll('a,button,input:not([type=hidden],[type=checkbox]),select,summary')].filter(e =>
  e.getClientRects().length > 0 && !e.closest('.crumbs,.skip,td.name,dd,.vh') && e.getBoundingClientRect().height < 43.5)
  .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 10)).slice(0, 5);
out.noname = [...document.querySelectorAll('input:not([type=hidden],[hidden]),select,textarea')].filter(i => i.labels.length === 0).map(i => i.name);
out.styled = document.querySelectorAll('style').length;
out.squeezed = innerWidth < 640 ? [] : [...document.querySelectorAll('td')].filter(e => e.clientHeight > 130).map(e => e.textContent.slice(0, 20)).slice(0, 3);
return out;
"""


def check(what, told):
    if not what:
        wrong.append(told)
        print("FAIL", told, flush=True)


class Visitor:
    """Somebody with a cookie and no browser."""

    def __init__(self, service, key=None):
        self.service, self.cookie, self.token = service, None, ""
        if key:
            answer, _ = self.post("/console/login", {"key": key})
            assert answer.status == 303, answer.status
            self.take(answer)
            self.get("/console/filings")

    def take(self, answer):
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]

    def ask(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
        headers = dict(headers or {})
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        c.request(method, path, body, headers)
        answer = c.getresponse()
        content = answer.read()
        c.close()
        found = re.search(rb'name=form_token value="([^"]+)"', content)
        if found:
            self.token = found.group(1).decode()
        return answer, content

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, fields, headers=None):
        fields = {"form_token": self.token} | fields
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return self.ask("POST", path, urllib.parse.urlencode(fields), kind | (headers or {}))


class Window:
    """A browser of one width."""

    def __init__(self, base, service, width, shots):
        self.profile = tempfile.mkdtemp(prefix="sealpress-console.")
        self.driver = Driver(base, width, 900, 1, self.profile)
        self.service, self.width, self.shots = service, width, shots

    def script(self, text, *args):
        return self.driver.call("POST", self.driver.session + "/execute/sync", {"script": text, "args": list(args)})

    def open(self, path):
        self.driver.open("http://127.0.0.1:%d%s" % (self.service.port, path))

    def path(self):
        return self.script("return location.pathname + location.search")

    def find(self, selector):
        value = self.driver.call("POST", self.driver.session + "/element", {"using": "css selector", "value": selector})
        return "%s/element/%s" % (self.driver.session, next(iter(value.values())))

    def click(self, selector):
        self.script("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.driver.call("POST", self.find(selector) + "/click", {})

    def type(self, selector, text):
        self.driver.call("POST", self.find(selector) + "/value", {"text": text})

    def keys(self, text):
        actions = []
        for c in text:
            actions += [{"type": "keyDown", "value": c}, {"type": "keyUp", "value": c}]
        self.driver.call("POST", self.driver.session + "/actions",
                         {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def until(self, script, told, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.script(script):
                    return True
            except RuntimeError:
                pass  # between two pages
            time.sleep(0.15)
        check(False, "%d: %s (at %s)" % (self.width, told, self.path()))
        return False

    def text(self, selector="body"):
        return self.script("const e = document.querySelector(arguments[0]); return e ? e.innerText : ''", selector)

    def says(self, *parts):
        seen = self.text()
        for part in parts:
            check(part in seen, "%d %s: does not say %r" % (self.width, self.path(), part))

    def look(self, name):
        """As it should be, and a picture of it."""
        seen = self.script(LOOK)
        where = "%s at %d" % (name, self.width)
        check(seen["scroll"] <= 0 and not seen["clipped"], "%s: wider than the screen %s" % (where, seen["clipped"]))
        check(not seen["small"], "%s: small targets %s" % (where, seen["small"]))
        check(not seen["squeezed"], "%s: columns too narrow to read %s" % (where, seen["squeezed"]))
        check(not seen["noname"], "%s: without label %s" % (where, seen["noname"]))
        check(seen["h1"] >= 1 and not seen["styled"], "%s: h1 %s, styles %s" % (where, seen["h1"], seen["styled"]))
        self.quiet(where)
        self.driver.picture(os.path.join(self.shots, "%s-%d.png" % (name, self.width)))

    def quiet(self, where):
        for line in self.driver.complaints():
            check(False, "%s: the browser complains: %s" % (where, line))

    def sign_in(self, key):
        self.open("/console/login")
        self.type("#key", key)
        self.click("button.main")
        self.until("return location.pathname === '/console/filings'", "signing in leads to the filings")

    def sign_out(self):
        self.open("/console/filings")
        self.script("document.querySelector('.out').click()")
        self.until("return location.pathname === '/console/login'", "signing out leads to the sign-in")

    def quit(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


# --- without a browser ---

def sessions_are_kept_safe(service, keys):
    v = Visitor(service)
    answer, _ = v.get("/console/filings")
    check(answer.status == 303 and answer.getheader("Location") == "/console/login?next=/console/filings", "not sent to sign in")
    answer, page = v.get("/console/login?next=https://evil.example/")
    check(b"evil" not in page and answer.getheader("Content-Security-Policy") == POLICY, "the sign-in page's head")
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("Cache-Control", "no-store"),
                        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
                        ("Strict-Transport-Security", "max-age=31536000"), ("X-Robots-Tag", "noindex, nofollow, noarchive"),
                        ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")):
        check(answer.getheader(name) == value, "%s is %s" % (name, answer.getheader(name)))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
                    {"Origin": "null"}):
        answer, _ = v.post("/console/login", {"key": keys["organiser"]}, headers)
        check(answer.status == 403 and not answer.getheader("Set-Cookie"), "a sign-in from elsewhere: %s" % headers)
    answer, _ = v.post("/console/login", {"key": keys["organiser"], "next": "//evil.example"})
    cookie = answer.getheader("Set-Cookie")
    check(answer.getheader("Location") == "/console/filings", "led to %s" % answer.getheader("Location"))
    check(cookie.startswith("sp=") and "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie, cookie)
    answer, _ = v.post("/console/login", {"key": keys["organiser"]}, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1",
                                                                     "Origin": "https://zs.example.cn"})
    cookie = answer.getheader("Set-Cookie") or ""
    check(cookie.startswith("__Host-sp=") and "; Secure" in cookie and "Domain" not in cookie, "behind a proxy: %s" % cookie)


def refusals_stand_in_the_console(service):
    """Also those that no page of the console has seen."""
    v = Visitor(service)
    large = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(1 << 40)}
    for answer, page, status in ((*v.get("/console/nothing"), 404), (*v.ask("POST", "/console/login", b"x" * 20000, large), 413),
                                 (*v.ask("PUT", "/console/filings", b""), 405)):
        check(answer.status == status and answer.getheader("Content-Security-Policy") == POLICY, "%d: %s" % (answer.status, answer.headers))
        check("职称证书管理" in page.decode() and "核验时间" not in page.decode(), "%d is a page of the public" % status)
    answer, page = v.get("/console/filings/x?state=failed&q=%E7%8E%8B%26&page=2&done=saved")
    check(answer.getheader("Location") == "/console/login?next=/console/filings/x%3Fstate%3Dfailed%26q%3D%25E7%258E%258B%2526%26page%3D2",
          "what was asked for is lost: %s" % answer.getheader("Location"))
    _, page = v.get(answer.getheader("Location"))
    check(b'name=next value="/console/filings/x?' in page, "the sign-in does not know where to lead")


def forms_of_other_sites_do_nothing(service, keys):
    v = Visitor(service, keys["organiser"])
    answer, page = v.get("/console/filings/new")
    fields = {"name": "伪造", "approval_no": "皖〔2026〕9号", "year": "2025", "type": "评审", "profile": "demo-filing"}
    boundary = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}):
        answer, _ = v.post("/console/logout", {}, headers)
        check(answer.status == 403, "a form of another site: %d" % answer.status)
    body = urllib.parse.urlencode(fields)
    answer, _ = v.ask("POST", "/console/logout", body, boundary | {"Sec-Fetch-Site": "same-origin"})
    check(answer.status == 403, "a form without token: %d" % answer.status)
    answer, _ = v.post("/console/logout", {"form_token": "A" * 32})
    check(answer.status == 403, "a form with a wrong token: %d" % answer.status)
    other = Visitor(service, keys["issuer"])
    answer, _ = v.post("/console/logout", {"form_token": other.token})
    check(answer.status == 403, "a form with another session's token: %d" % answer.status)
    answer, _ = v.ask("POST", "/console/logout", urllib.parse.urlencode({"form_token": v.token}), boundary)
    check(answer.status == 403, "a form that says nothing of where it comes from: %d" % answer.status)
    check(v.get("/console/filings")[0].status == 200, "the session ended although it was refused")
    answer, _ = v.post("/console/logout", {})
    check(answer.status == 303 and "Max-Age=0" in answer.getheader("Set-Cookie"), "signing out")
    check(v.get("/console/filings")[0].status == 303, "the session lives on")


def sessions_end(service, keys):
    for column, age in (("seen", 31 * 60), ("created", 12 * 3600 + 5)):
        v = Visitor(service, keys["organiser"])
        with sqlite3.connect(os.path.join(service.data, "sealpress.db"), timeout=30) as db:
            db.execute("UPDATE sessions SET %s = %s - ?" % (column, column), (age,))
        db.close()
        answer, _ = v.get("/console/filings?name=x")
        check(answer.status == 303 and "over=1" in answer.getheader("Location"), "%s: still signed in" % column)
        answer, page = v.get("/console/login?over=1")
        check("登录已过期，请重新登录。" in page.decode(), "it is not said that the session is over")
    v = Visitor(service, keys["organiser"])
    for cookie in ("sp=" + "A" * 32, "sp=", "sp=" + v.cookie[3:] + "x", v.cookie + "; " + v.cookie):
        check(v.get("/console/filings", headers={"Cookie": cookie})[0].status == 303, "the cookie %s is taken" % cookie)
    key = service.key("demo-organiser", "filings")
    v = Visitor(service, key)
    service.run("key", "revoke", key.split("_")[1])
    check(v.get("/console/filings")[0].status == 303, "the session outlives its key")


def other_offices_see_nothing(service, keys, path):
    stranger = Visitor(service, keys["stranger"])
    for below in ("", "/progress.json", "/review", "/edit", "/import", "/photos", "/document.pdf", "/entries/" + "0" * 32,
                  "/import/" + "0" * 64):
        answer, page = stranger.get(path + below)
        check(answer.status in (404, 409) and "没有" in page.decode(), "%s: %d for another office" % (below, answer.status))
    for below, fields in (("/do", {"act": "submit"}), ("/export", {"all": "1"})):
        answer, page = stranger.post(path + below, fields)
        check(answer.status == 404, "%s: %d for another office" % (below, answer.status))
    _, page = stranger.get("/console/filings")
    check(path not in page.decode(), "another office's list has the filing")
    looker = Visitor(service, service.key("demo-organiser", "certificates.read"))
    answer, page = looker.get("/console/filings")
    check(answer.status == 403 and "批复备案</a>" not in page.decode(), "a key without the scope: %d" % answer.status)
    approver = Visitor(service, service.key("demo-organiser", "filings.approve"))
    answer, page = approver.get(path)
    check(answer.status == 200 and "导入名单</a>" not in page.decode(), "a key that only looks is offered more")
    check(approver.post(path + "/do", {"act": "retry"})[0].status == 403, "a key that only looks does more")


def wrong_keys_are_limited(service):
    v = Visitor(service)
    statuses = []
    for i in range(8):
        answer, page = v.post("/console/login", {"key": "sp_%016x_%s" % (i, "A" * 43)})
        statuses.append(answer.status)
    check(statuses[0] == 403 and statuses[-1] == 429, "wrong keys: %s" % statuses)
    check("尝试次数过多" in page.decode() and int(answer.getheader("Retry-After")) > 0, "how long to wait is not said")


# --- in the browser ---

def signing_in(w, keys):
    w.open("/console/filings?year=2025")
    w.until("return location.pathname === '/console/login'", "who is not signed in is sent to sign in")
    w.look("login")
    w.type("#key", "sp_0000000000000000_" + "A" * 43)
    w.keys("\ue007")
    w.until("return document.querySelector('.wrong')", "a wrong key is told")
    w.says("密钥不正确或已停用，请核对后重试。")
    w.driver.complaints()  # the 403 is one
    w.driver.picture(os.path.join(w.shots, "login-wrong-%d.png" % w.width))
    w.type("#key", keys["organiser"])
    w.keys("\ue007")
    w.until("return location.pathname === '/console/filings'", "a right key leads on")
    check(w.path() == "/console/filings?year=2025", "what was asked for is not where the sign-in leads: %s" % w.path())
    w.says("没有符合条件的备案")
    w.open("/console/filings")
    w.says("还没有批复备案", "发起备案")
    w.look("filings-none")


def making_a_filing(w, folder):
    w.click("a[href='/console/filings/new']")
    w.until("return document.querySelector('#approval_no')", "the form comes")
    w.type("#name", HOSTILE + "2025年度测试系列高级职称")
    w.type("#approval_no", "皖测社秘〔2026〕1号")
    w.script("document.getElementById('profile').value = 'demo-filing'; document.getElementById('year').value = '20'")
    w.look("form")
    w.click("form.sheet button")
    w.until("return document.querySelector('.wrong')", "a wrong year is told")
    w.driver.complaints()
    w.driver.picture(os.path.join(w.shots, "form-wrong-%d.png" % w.width))
    w.script("document.getElementById('year').value = '2025'")
    pdf = os.path.join(folder, "批复.pdf")
    with open(pdf, "wb") as f:
        f.write(PDF)
    w.type("#document", pdf)
    w.click("form.sheet button")
    w.until("return /done=saved/.test(location.search)", "the filing is kept")
    w.says("已保存", HOSTILE, "名单还是空的")
    w.look("filing-empty")
    return w.path().split("?")[0]


def importing(w, path, folder):
    rows = [person(n) for n in range(1, PEOPLE + 1)]
    bad = [dict(r) for r in rows]
    bad[3]["id_number"] = bad[3]["id_number"][:16]
    bad[6]["id_number"] = bad[6]["id_number"][:17] + ("1" if bad[6]["id_number"][17] != "1" else "2")
    bad[9]["level"] = HOSTILE
    files = {"名单-错.csv": csv_of(bad).encode(), "名单.xlsx": xlsx_of(rows)}
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(content)
    w.open(path + "/import")
    w.look("import")
    w.type("#file", os.path.join(folder, "名单-错.csv"))
    w.click("form.sheet button")
    w.until("return document.querySelector('.faults')", "what is wrong is shown")
    w.says("3 行有错，尚未导入任何数据", HOSTILE, "下载错误清单")
    check(bad[3]["id_number"] not in w.text(), "a document number is shown in full")
    w.look("import-errors")
    address = w.script("return document.querySelector('a[href$=\"errors.xlsx\"]').getAttribute('href')")
    cookie = w.driver.call("GET", w.driver.session + "/cookie/sp")["value"]
    v = Visitor(w.service)
    v.cookie = "sp=" + cookie
    answer, book = v.get(address)
    check(answer.status == 200 and zipfile.ZipFile(io.BytesIO(book)).namelist(), "the list of errors is no workbook")
    answer, _ = v.get(address.replace("/errors.xlsx", "")[:-1] + "0")
    check(answer.status == 404, "another list's name: %d" % answer.status)
    answer, book = v.get("/console/entries.xlsx")
    check(answer.status == 200 and zipfile.ZipFile(io.BytesIO(book)).namelist(), "the workbook is none")
    w.click("a.main[href$='/import']")
    w.until("return document.querySelector('#file')", "another file can be chosen")
    w.type("#file", os.path.join(folder, "名单.xlsx"))
    w.click("form.sheet button")
    w.until("return document.querySelector('.msg.ok')", "a clean list is told")
    w.says("%d 行全部正确" % PEOPLE)
    w.look("import-clean")
    w.click(".msg a.main")
    w.until("return /人还没有照片/.test(document.body.innerText)", "who has no photo is told")
    w.look("import-photos")
    w.click(".msg form button")
    w.until("return /photos/.test(location.pathname)", "photos come next")
    w.says("名单已导入")
    w.look("photos")
    check(v.post(address.replace("/errors.xlsx", "") + "x", {})[0].status in (403, 404), "a list that is none is taken")
    return rows


def photos(w, path, folder):
    archive = os.path.join(folder, "照片.zip")
    names = [("%04d.png" % n, None) for n in range(1, PEOPLE - 2)] + [("0058.png", picture(1, 200, 200)), ("合影.png", None)]
    with open(archive, "wb") as f:
        f.write(photos_zip(names))
    w.open(path + "/photos")
    w.type("#photos", archive)
    w.click("form.sheet button")
    w.until("return document.querySelector('.faults')", "the photos at fault are shown", 120)
    w.says("0058.png", "更换", "指定人员", "合影.png")
    w.look("photos-faults")
    single = os.path.join(folder, "0058.png")
    with open(single, "wb") as f:
        f.write(picture(58))
    w.type("#photos", single)
    w.click("form.sheet button")
    w.until("return /done=photo/.test(location.search)", "one photo by its file's name", 60)


def submitting(w, path, keys):
    w.open(path)
    w.look("filing-listed")
    w.click("button[value=submit]")
    w.until("return /done=submitted/.test(location.search)", "it is submitted")
    w.says("已提交审核", "审核中")
    w.sign_out()
    w.sign_in(keys["issuer"])
    w.says("审核")
    w.look("filings-issuer")
    w.open(path + "/review")
    w.says("副高级", "2 人还没有照片")
    w.look("review")
    w.click("button[value=return]")
    w.until("return document.querySelector('[role=alert]')", "a return without reason is refused")
    w.driver.complaints()
    w.open(path + "/review")
    w.type("#reason", "同意")
    w.click("button[value=pass]")
    w.until("return /done=passed/.test(location.search)", "it is passed")
    w.quiet("passing")
    w.sign_out()
    w.sign_in(keys["organiser"])


def watching(w, path):
    w.open(path)
    w.click("button[value=accession]")
    w.until("return /done=accession/.test(location.search)", "the accession begins")
    w.driver.picture(os.path.join(w.shots, "filing-going-%d.png" % w.width))
    made = "const b = [...document.querySelectorAll('#tabs a')].find(a => /已生成/.test(a.textContent)); return b && /(%d)$/.test(b.textContent.trim())"
    w.until(made % (PEOPLE - 2), "the certificates are made while the page watches", 240)
    w.until("return [...document.querySelectorAll('#rows tr')].every(r => /已生成|未生成/.test(r.textContent))", "rows say so", 20)
    w.quiet("watching")
    w.open(path)
    w.says("已生成", "下载全部 %d 份" % (PEOPLE - 2))
    w.look("filing-made")


def drawer(w, path, rows):
    w.open(path)
    w.click("#rows tr:nth-child(2) .do .see")
    if w.width >= 1024:
        w.until("return document.querySelector('#drawer[open] article')", "the drawer opens")
        check("/entries/" in w.path(), "the drawer has no address")
        w.until("return document.querySelector('#drawer iframe').clientHeight > 300", "the preview shows")
        time.sleep(2)
    else:
        w.until("return document.querySelector('article.person')", "the person's page comes")
    number = rows[1]["id_number"]
    check(number not in w.text(), "the document number is shown unasked")
    w.look("drawer")
    w.click("article form[data-inside] button")
    w.until("return document.querySelector('article .full').innerText.includes('%s')" % number, "the number shows when asked for")
    check("document_numbers_shown" in w.service.log_text(), "who asked for the number is not in the log")
    check(number not in w.service.log_text(), "the number is in the log")
    if w.width >= 1024:
        w.keys("\ue00c")
        w.until("return !document.querySelector('#drawer').open && !/entries/.test(location.pathname)", "Esc closes it")
        check(w.script("return document.activeElement.closest('tr') === document.querySelector('#rows tr:nth-child(2)')"),
              "the focus is not back on its row")
    w.quiet("the drawer")


def keyboard(w, path):
    w.open(path)
    w.keys("jjx")
    check(w.text("#picked").startswith("已选 1 人，可下载 1 份"), "x ticks: %r" % w.text("#picked"))
    w.keys("jx")
    check(w.text("#picked").startswith("已选 2 人"), "x ticks another: %r" % w.text("#picked"))
    w.look("filing-picked")
    w.keys("?")
    w.until("return document.querySelector('#keys').open", "? shows the keys")
    w.driver.picture(os.path.join(w.shots, "keys-%d.png" % w.width))
    w.keys("\ue00c")
    w.keys("k\ue007")
    w.until("return document.querySelector('#drawer[open] article')", "Enter opens the row")
    w.keys("\ue00c")
    w.until("return !document.querySelector('#drawer').open", "Esc closes it")
    w.keys("/")
    check(w.script("return document.activeElement.id") == "q", "/ does not lead to the search")
    w.keys("没有这个人\ue007")
    w.until("return /没有找到/.test(document.body.innerText)", "a search that finds nobody says so")
    w.look("filing-nobody")
    w.open(path + "?page=2")
    check(w.text("#picked").startswith("已选 2 人"), "what was ticked is forgotten on the next page")
    check(w.script("return document.activeElement.id") == "count", "the focus is not on the result")
    w.click("#clear")
    w.script("document.getElementById('keys-on').click()")
    w.open(path)
    w.keys("jx")
    check(w.text("#picked").startswith("可下载"), "keys act although they are switched off: %r" % w.text("#picked"))
    w.script("document.getElementById('keys-on').click()")


def correcting(w, path):
    """A look is no handing out: what was only looked at may still be put right."""
    w.open(path)
    w.open(w.script("return document.querySelector('#rows tr:nth-child(2) .see').getAttribute('href')") + "/correct")
    w.script("document.getElementById('employer').value = '合肥虚构软件科技有限公司（更名）'")
    w.type("#reason", "单位更名")
    w.type("#approver", "张三")
    w.click("form.sheet button")
    w.until("return /done=corrected/.test(location.search)", "an entry is corrected: " + w.text(".msg"), 30)
    w.says("已更正", "更名")
    w.quiet("correcting")


def downloading(w, path, folder):
    w.driver.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder)
    w.open(path)
    w.click("#rows tr:nth-child(1) input")
    w.script("""const r = document.querySelector('#rows tr:nth-child(5) input');
        r.dispatchEvent(new MouseEvent('click', {bubbles: true, shiftKey: true}))""")
    check(w.text("#picked").startswith("已选 5 人，可下载 5 份"), "shift ticks a range: %r" % w.text("#picked"))
    w.click("#clear")
    w.click("#page")
    check(w.script("return !document.getElementById('every').hidden"), "all people are not offered")
    w.click("#every button")
    check(w.text("#picked").startswith("已选 %d 人" % PEOPLE), "all are ticked: %r" % w.text("#picked"))
    w.click("#clear")
    w.click("#get")
    w.until("return /下载完成/.test(document.getElementById('load').innerText)", "the download's end is told", 60)
    w.driver.picture(os.path.join(w.shots, "download-%d.png" % w.width))
    w.quiet("downloading")
    for _ in range(100):
        found = [f for f in os.listdir(folder) if f.endswith(".zip") and "照片" not in f]
        if found:
            break
        time.sleep(0.1)
    check(found, "no archive was downloaded")
    if found:
        with zipfile.ZipFile(os.path.join(folder, found[0])) as z:
            check(z.testzip() is None and len([n for n in z.namelist() if n.endswith(".pdf")]) == PEOPLE - 2, str(z.namelist()[:4]))
    w.open("/console/exports")
    w.says("下载")
    w.look("exports")


def acts(w, path):
    w.open(path + "?state=made")
    person_path = w.script("return document.querySelector('#rows tr:nth-child(3) .see').getAttribute('href')")
    w.open(person_path + "/correct")
    w.look("act-correct")
    w.open(person_path + "/reissue")
    w.type("#reason", "遗失补办")
    w.click("form.sheet button")
    w.until("return /done=reissued/.test(location.search)", "a certificate is reissued: " + w.text(".msg"), 30)
    w.says("已生成新证书")
    w.open(person_path + "/revoke")
    w.look("act-revoke")
    w.type("#reason", "资格撤销")
    w.click("form.sheet button")
    w.until("return /done=revoked/.test(location.search)", "a certificate is revoked", 60)
    w.says("证书已撤销", "已撤销")
    w.open(path + "?state=waiting")
    w.says("缺少照片", "上传照片")
    w.look("filing-waiting")
    w.script("document.querySelector('#rows a[href$=photo]').click()")
    w.until("return document.getElementById('cr')", "the cropper comes")
    w.look("cropper")


def without_script(service, path, keys):
    """Forms and links alone: ticked boxes become an archive."""
    v = Visitor(service, keys["organiser"])
    _, page = v.get(path)
    page = page.decode()
    check("<script src=/static/console." in page and HOSTILE not in page, "the list's markup")
    serials = re.findall(r"name=e(\d+) value=(\d+)", page)
    answer, _ = v.post(path + "/export", {"e" + i: s for i, s in serials[:3]} | {"only": "1"})
    check(answer.status == 303, "the form answers %d" % answer.status)
    address = answer.getheader("Location")
    answer, content = v.get(address)
    with zipfile.ZipFile(io.BytesIO(content)) as z:
        check(len([n for n in z.namelist() if n.endswith(".pdf")]) == 3, "the archive has %s" % z.namelist())
    part, piece = v.get(address, headers={"Range": "bytes=10-19", "If-Range": answer.getheader("ETag")})
    check(part.status == 206 and piece == content[10:20], "a range of the archive: %d" % part.status)
    answer, page = v.post(path + "/export", {"only": "1"})
    check(answer.status == 422 and "没有勾选人员" in page.decode(), "nobody ticked: %d" % answer.status)
    entry = re.search(r'href="(%s/entries/[0-9a-f]+)"' % path, v.get(path)[1].decode()).group(1)
    answer, pdf = v.get(entry + "/certificate.pdf")
    check(pdf[:5] == b"%PDF-" and "frame-ancestors 'self'" in answer.getheader("Content-Security-Policy") and
          "sandbox" not in answer.getheader("Content-Security-Policy"), "the preview's head")
    answer, content = v.post(path + "/do", {"act": "pause"})
    check(answer.status == 303 and "继续生成" in v.get(path)[1].decode(), "pausing")
    v.post(path + "/do", {"act": "resume"})
    answer, page = v.post(entry + "/reissue", {"reason": "重复提交", "of": "1"})
    check(answer.status == 409 and "已经变化" in page.decode(), "a form of an earlier certificate: %d" % answer.status)
    answer, _ = v.post(path + "/do", {"act": "explode"})
    check(answer.status == 422, "an act that is none: %d" % answer.status)
    stranger = Visitor(service, keys["stranger"])
    check(stranger.get(address)[0].status == 404, "another office's archive")


def phone(w, path, keys):
    w.sign_in(keys["organiser"])
    w.look("filings")
    w.open(path)
    w.look("filing")
    w.click("#rows tr:nth-child(1) input")
    w.look("filing-ticked")
    w.script("document.querySelector('.menu summary').click()")
    w.look("menu")
    w.open(path + "/photos")
    w.look("photos")
    w.open("/console/exports")
    w.look("exports")
    w.open(path + "/review")
    w.look("review")


def main():
    program, shots = sys.argv[1:3]
    shutil.rmtree(shots, ignore_errors=True)
    os.makedirs(shots)
    if shutil.which("chromedriver") is None:
        print("no chromedriver")
        return 77
    folder = tempfile.mkdtemp(prefix="sealpress-console-files.")
    service = Service(program)
    process, base = start_driver()
    windows = []
    try:
        service.start()
        keys = {name: service.key("demo-" + office) for name, office in
                (("organiser", "organiser"), ("issuer", "issuer"), ("stranger", "unsealed-issuer"))}
        sessions_are_kept_safe(service, keys)
        refusals_stand_in_the_console(service)
        forms_of_other_sites_do_nothing(service, keys)
        sessions_end(service, keys)
        w = Window(base, service, 1440, shots)
        windows.append(w)
        signing_in(w, keys)
        path = making_a_filing(w, folder)
        other_offices_see_nothing(service, keys, path)
        rows = importing(w, path, folder)
        photos(w, path, folder)
        submitting(w, path, keys)
        watching(w, path)
        drawer(w, path, rows)
        keyboard(w, path)
        correcting(w, path)
        downloading(w, path, folder)
        without_script(service, path, keys)
        acts(w, path)
        w.open("/console/filings")
        w.look("filings")
        for width in (390, 320, 768):
            narrow = Window(base, service, width, shots)
            windows.append(narrow)
            phone(narrow, path, keys)
            if width != 768:
                drawer(narrow, path, rows)
        wrong_keys_are_limited(service)
        log = service.log_text()
        check("Sanitizer" not in log, log[-3000:])
        check(not any(k.split("_", 2)[2] in log for k in keys.values()), "a key is in the log")
    finally:
        for w in windows:
            w.quit()
        process.terminate()
        service.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("%d faults" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
