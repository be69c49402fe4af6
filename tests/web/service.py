"""The public pages of a running service: words, headers, sizes, what a stranger may not learn, and how often he may ask.

Usage: service.py PROGRAM SOURCE DIRECTORY [--keep] [--shots]   (--keep: leaves the service running and says where;
--shots: leaves the pages of the uploaded files in DIRECTORY)
"""
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.parse

import uploads

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Strict-Transport-Security": "max-age=31536000",
}
NAME, NUMBER_ID, SIX = "龙㛃䶮", "340000197811031274", "031274"
wrong = []


def check(true, text):
    if not true:
        wrong.append(text)


class Service:
    def __init__(self, program, source, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder, mode=0o755)
        self.program, self.source, self.folder, self.data = program, source, folder, os.path.join(folder, "data")
        out = self.run("init", "--demo", "--public-url", "https://zs.example.gov.cn")
        self.key = re.search(r"sp_[0-9a-f]{16}_\S+", out).group(0)
        self.log = open(os.path.join(folder, "log"), "w", encoding="utf-8")
        self.process = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--data", self.data],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=os.environ | {"LC_ALL": "C.UTF-8"})
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)\s*$", line)
        if not found:
            raise SystemExit(f"the service did not start: {line} {open(self.log.name).read()}")
        self.port = int(found.group(1))

    def run(self, *args, data=None):
        return subprocess.run([self.program, *args, "--data", data or self.data], check=True, text=True,
                              capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"}).stdout

    def foreign(self):
        """A file that another installation sealed."""
        data, pdf = os.path.join(self.folder, "foreign"), os.path.join(self.folder, "foreign.pdf")
        self.run("init", "--demo", "--public-url", "https://other.example.org", data=data)
        self.run("issue", f"{self.source}/samples/certificate.json", "--photo", f"{self.source}/samples/photo.jpg",
                 "-o", pdf, data=data)
        with open(pdf, "rb") as f:
            return f.read()

    def issue(self, biz_no, **changes):
        with open(f"{self.source}/samples/certificate.json", encoding="utf-8") as f:
            order = json.load(f) | {"biz_no": biz_no} | changes
        path = os.path.join(self.folder, "order.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(order, f)
        pdf = os.path.join(self.folder, f"{biz_no}.pdf")
        answer = json.loads(self.run("issue", path, "--photo", f"{self.source}/samples/photo.jpg", "-o", pdf, "--json"))
        return answer | {"token": answer["verify_url"].rsplit("/", 1)[1], "pdf": pdf}

    def ask(self, path, method="GET", body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request(method, path, body, headers or {})
        except BrokenPipeError:  # refused by its length, before all of it was sent
            pass
        answer = c.getresponse()
        content = answer.read()
        c.close()
        return answer, content

    def page(self, path, status=200, **rest):
        answer, content = self.ask(path, **rest)
        check(answer.status == status, f"{path}: {answer.status} instead of {status}")
        for name, value in HEADERS.items():
            check(answer.getheader(name) == value, f"{path}: {name} is {answer.getheader(name)}")
        text = content.decode().replace("\u00a0", " ")  # where no line may break
        check("<script" not in text and "<style" not in text and "style=" not in text, f"{path}: not inert")
        check(NUMBER_ID not in text, f"{path}: shows the whole identity number")
        return text

    def find(self, number, name, six, status):
        body = urllib.parse.urlencode({"number": number, "name": name, "last6": six})
        return self.page("/v/", status, method="POST", body=body,
                         headers={"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, content, status, name="证书.pdf", field="file"):
        edge = "edge7d1c"
        body = (f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
                "Content-Type: application/pdf\r\n\r\n").encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.page("/v/upload", status, method="POST", body=body,
                         headers={"Content-Type": f"multipart/form-data; boundary={edge}"})

    def set(self, certificate, **columns):
        with sqlite3.connect(os.path.join(self.data, "sealpress.db"), timeout=30) as db:
            for name, value in columns.items():
                done = db.execute(f"UPDATE certificates SET {name} = ? WHERE id = ?", (value, certificate["id"]))
                check(done.rowcount == 1, f"no row to set {name} in")
        db.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


def says(text, *parts):
    for part in parts:
        check(part in text, f"the page does not say {part!r}: {text[:200]}")


def never(text, *parts):
    for part in parts:
        check(part not in text, f"the page says {part!r}")


def without_time(text):
    return re.sub(r"<time>[^<]*</time>", "", text)


def judge_certificate(s, c):
    page = s.page(f"/v/{c['token']}")
    says(page, "职称证书核验 <small>安徽省虚构人力资源和社会保障厅（测试）</small>", "<h1>测试证书</h1>", "不能作为职称证明", "340000********1274", c["certificate_no"], "测试签章",
         "zs.example.gov.cn", f'alt="{NAME}"')
    never(page, "真实", "证书有效")
    says(s.page(f"/v/{c['token']}?lang=en"), "<html lang=en>", "<h1>Test certificate</h1>")
    says(s.page(f"/v/{c['token']}", headers={"Accept-Language": "en-GB,en;q=0.8"}), "<html lang=en>")
    answer, photo = s.ask(f"/v/{c['token']}/photo.jpg")
    check(answer.status == 200 and answer.getheader("Content-Type") == "image/jpeg", "no photo")
    check(photo[:2] == b"\xff\xd8" and len(photo) <= 16 * 1024, f"the photo has {len(photo)} bytes")
    check(s.ask(f"/v/{c['token']}/photo.jpg")[1] == photo, "the photo differs the second time")
    answer, svg = s.ask(f"/v/{c['token']}/name.svg")
    check(answer.status == 200 and svg.count(b"<path") == 3, "no picture of the name")
    check(answer.getheader("Cache-Control") == "no-store", "the name may be kept")
    css = re.search(r"href=(/static/site\.[0-9a-f]+\.css)", page).group(1)
    answer, packed = s.ask(css, headers={"Accept-Encoding": "gzip, br"})
    check(answer.getheader("Content-Encoding") == "gzip" and "immutable" in answer.getheader("Cache-Control"), "css")
    check(s.ask(css)[0].getheader("Content-Encoding") is None, "css is packed for whoever cannot unpack it")
    check(s.ask("/static/nothing.css")[0].status == 404, "a file that is not there")
    sizes = len(page.encode()), len(packed), len(photo)
    check(sizes[0] <= 6144 and sizes[1] <= 6144 and sum(sizes) <= 30 * 1024, f"too large: {sizes}")
    return sizes


def judge_states(s, c):
    states = [("replaced", "已换发", "warn"), ("suspended", "暂停使用", "warn"), ("revoked", "已撤销", "bad"),
              ("cancelled", "已注销", "bad")]
    for status, word, tone in states:
        s.set(c, status=status, status_time=1788400800)
        page = s.page(f"/v/{c['token']}")
        says(page, f"<h1>{word}</h1>", f"band {tone}")
        never(page, "photo.jpg", "真实", c["id"])
        check(s.ask(f"/v/{c['token']}/photo.jpg")[0].status == 404, f"{word}: the photo is still there")
    s.set(c, status="valid", status_time=0, file_fault=1788400800)
    says(s.page(f"/v/{c['token']}"), "<h1>暂时不能确认</h1>")
    check(s.ask(f"/v/{c['token']}/photo.jpg")[0].status == 404, "the photo of a doubtful certificate")
    s.set(c, file_fault=0)
    says(s.page(f"/v/{c['token']}"), "<h1>测试证书</h1>")


def judge_unknown(s):
    first = without_time(s.page("/v/AAAAAAAAAAAAAAAAAAAAAA", 404))
    says(first, "<h1>未查到此证书</h1>")
    for path in ("/v/x", "/v/..%2f..%2fetc%2fpasswd", "/v/%E4%BD%A0%3Cscript%3E", "/v/" + "A" * 500, "/v/%FF",
                 "/v/AAAAAAAAAAAAAAAAAAAAAA/photo.jpg", "/v/x/name.svg"):
        check(without_time(s.page(path, 404)) == first, f"{path}: another page than that of an unknown token")


def judge_forms(s, c):
    says(s.page("/v/"), "name=number", "name=last6")
    says(s.page("/v/upload"), "type=file")
    says(s.page("/v/sample"), "<h1>样张</h1>")
    number = c["certificate_no"]
    says(s.find(number, NAME, SIX, 200), "<h1>测试证书</h1>", "340000********1274")
    says(s.find(f" {number} ", f"\u3000{NAME}", SIX, 200), "<h1>测试证书</h1>")
    wide = "".join(chr(ord(x) + 0xFEE0) for x in number)
    says(s.find(wide, NAME, "".join(chr(ord(x) + 0xFEE0) for x in SIX) + " ", 200), "<h1>测试证书</h1>")
    dotted = s.issue("pages-2", name="买买提·吐尔逊", id_number="34000019781103001X")["certificate_no"]
    for dot in "·•・‧･.．":
        says(s.find(dotted, f" 买买提{dot}吐尔逊", "03001x", 200), "<h1>测试证书</h1>")
    s.find(dotted, "买买提吐尔逊", "03001X", 404)  # a dot that is missing is another name
    says(s.find(number, '龙"><b>', SIX, 404), f'value="{number}"', 'value="龙&quot;&gt;&lt;b&gt;"')
    says(s.find(number, NAME, "", 400), f'value="{number}"', f'value="{NAME}"')
    never(s.find(number, NAME, "031275", 404), "031275")

    def without_time(text):  # nor what was typed and is kept
        return re.sub(r' value="[^"]*"', "", re.sub(r"<time>[^<]*</time>", "", text))
    miss = without_time(s.find(number, NAME, "031275", 404))
    for asked in ((number, "龙", SIX), ("1234", NAME, SIX), (number, NAME, "031274x")):
        check(without_time(s.find(*asked, 404)) == miss, f"{asked}: another answer than for a wrong number")
    says(miss, "没有三项都相符的证书")
    s.find("", NAME, SIX, 400)
    for _ in range(30):
        answer, _ = s.ask("/v/", "POST", urllib.parse.urlencode({"number": number, "name": "x", "last6": "123456"}),
                          {"Content-Type": "application/x-www-form-urlencoded"})
    check(answer.status == 429 and int(answer.getheader("Retry-After")) > 0, "guessing is not limited")


def judge_uploads(s, c):
    with open(c["pdf"], "rb") as f:
        pdf = f.read()
    page = s.upload(pdf, 200, name='"><script>.pdf')
    says(page, "测试签章", "photo.jpg", "版本 1", "证书链")
    never(page, "签章真实")
    flipped = bytearray(pdf)
    flipped[len(pdf) // 4] ^= 1
    says(s.upload(bytes(flipped), 200), "<h1>文件被改动</h1>", "发现的改动", "band bad")
    s.set(c, status="revoked", status_time=1788400800)
    page = s.upload(pdf, 200)
    says(page, "<h1>证书已撤销</h1>", "band bad")
    never(page, "photo.jpg")
    s.set(c, status="valid", status_time=0)
    says(s.upload(b"hello", 415), "这不是 PDF 文件")
    says(s.upload(b"%PDF-1.7\nrubbish", 422), "文件打不开")
    for size in (20 * 1024 * 1024 + 1, 20 * 1024 * 1024 + 70000):  # judged by the page, and by its head alone
        says(s.upload(b"%PDF-1.7\n" + bytes(size), 413), "文件超过 20 MB")
    says(s.upload(pdf, 400, field="other"), "没有选择文件")


def judge_limits(s, c):
    statuses = [s.ask(f"/v/unknown{i}")[0].status for i in range(80)]
    check(statuses[0] == 404 and statuses[-1] == 429, f"unknown tokens are not limited: {statuses[-3:]}")
    answer, content = s.ask("/v/unknown")
    check(answer.status == 429 and int(answer.getheader("Retry-After")) > 0, "no Retry-After")
    says(content.decode(), "<h1>请稍后再试</h1>")
    check(s.ask(f"/v/{c['token']}")[0].status == 200, "who guesses locks out whoever shares the address")


def judge_log(s, c):
    with open(s.log.name, encoding="utf-8") as f:
        log = f.read()
    never(log, c["token"], NAME, NUMBER_ID, SIX)


def speed(s, c):
    connection = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
    times = []
    for _ in range(300):
        begun = time.perf_counter()
        connection.request("GET", f"/v/{c['token']}")
        connection.getresponse().read()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def main():
    program, source, folder = sys.argv[1:4]
    s = Service(program, source, folder)
    try:
        c = s.issue("pages-1")
        if "--keep" in sys.argv:
            print(f"http://127.0.0.1:{s.port}/v/{c['token']} {c['pdf']}", flush=True)
            s.process.wait()
        sizes = judge_certificate(s, c)
        p95 = speed(s, c)
        judge_states(s, c)
        judge_unknown(s)
        judge_forms(s, c)
        judge_uploads(s, c)
        uploads.judge(s, c, s.foreign(), check, s.folder if "--shots" in sys.argv else None)
        judge_limits(s, c)
        judge_log(s, c)
    finally:
        s.stop()
    print("\n".join(wrong))
    print(f"page, style, photo: {sizes} bytes; p95 {p95:.2f} ms; {len(wrong)} faults")
    return 1 if wrong else 0


sys.exit(main())
