"""An approval filing on a service of service.py: two keys of two organisations, a list, photos, and what must be true of
the certificates in the end."""
import csv
import hashlib
import io
import json
import pathlib
import sqlite3
import subprocess
import tempfile
import time
import zipfile

import service as s

COLUMNS = ["序号", "姓名", "证件类型", "证件号码", "性别", "出生日期", "所在单位", "系列", "专业", "资格名称", "级别", "取得方式", "取得资格时间"]


def person(n):
    return {"序号": str(n), "姓名": "王李张刘陈"[n % 5] + "伟芳娜敏静丽强"[n % 7] + "军洋勇艳杰"[n % 5], "证件类型": "军官证",
            "证件号码": f"南字第{n:08d}号", "性别": "男女"[n % 2], "出生日期": f"19{60 + n % 40}-{1 + n % 12:02d}-{1 + n % 28:02d}",
            "所在单位": "安徽省虚构设计院（测试）", "系列": "工程技术人员", "专业": "道路与桥梁工程", "资格名称": "高级工程师", "级别": "副高级",
            "取得方式": "评审", "取得资格时间": "2025-12-20"}


def listing(count, first=1):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for n in range(first, first + count):
        writer.writerow(person(n))
    return text.getvalue().encode()


def photos(program, numbers):
    """As small as they may be: opening them is not what is tried."""
    with tempfile.TemporaryDirectory() as folder:
        small = pathlib.Path(folder, "small.jpg")
        subprocess.run([program, "photo", str(s.SOURCE / "samples/photo.jpg"), "-o", str(small)], check=True, capture_output=True)
        picture = small.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as z:
        for n in numbers:
            z.writestr(f"{n:05d}.jpg", picture)
    return archive.getvalue()


APPROVAL = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
           b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Filing:
    """One filing of COUNT people, seen by organiser and issuing authority."""

    def __init__(self, service, count, name="批"):
        self.service, self.count, self.name = service, count, name
        self.organiser, self.issuer = self.key("demo-organiser"), self.key("demo-issuer")
        self.id = None

    def key(self, organisation):
        done = subprocess.run([self.service.program, "key", "new", "--name", organisation, "--organisation", organisation, "--scopes",
                               "all", "--data", self.service.data], env=self.service.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return s.KEY.search(done.stdout).group(0)

    def call(self, method, path, body=None, key=None, kind=None, timeout=300, fine=(200, 201, 202, 204)):
        headers = {"Authorization": f"Bearer {key or self.organiser}"}
        if kind:
            headers["Content-Type"] = kind
        status, answer, head = self.service.call(method, path, body, headers, timeout)
        assert status in fine, (method, path, status, answer[:2000].decode(errors="replace"), self.service.log_tail())
        return json.loads(answer) if answer and "json" in head.get("Content-Type", "") else answer

    def create(self):
        self.id = self.call("POST", "/v1/filings", {"name": f"2025年度测试备案（{self.name}）", "approval_no": f"皖测社秘〔2026〕{self.name}号",
                                                    "year": 2025, "type": "评审", "profile": "demo-filing",
                                                    "issue_date": "2026-01-15"})["id"]
        self.call("PUT", f"/v1/filings/{self.id}/document", APPROVAL, kind="application/pdf")
        report = self.call("POST", f"/v1/filings/{self.id}/entries", listing(self.count), kind="text/csv")
        assert report["imported"] == self.count, report

    def approve(self):
        self.call("POST", f"/v1/filings/{self.id}/submit", {})
        self.call("POST", f"/v1/filings/{self.id}/pass", {"reason": "同意"}, key=self.issuer)

    def accession(self):
        return self.call("POST", f"/v1/filings/{self.id}/accession", {})

    def send_photos(self, numbers):
        return self.call("PUT", f"/v1/filings/{self.id}/photos", photos(self.service.program, numbers), kind="application/zip")["id"]

    def job(self, job):
        return self.call("GET", f"/v1/jobs/{job}")

    def counts(self):
        """By state, from the database: also while the service is down."""
        with sqlite3.connect(f"file:{self.service.data}/sealpress.db?mode=ro", uri=True) as db:
            return dict(db.execute("SELECT state, count(*) FROM entries WHERE filing = ? GROUP BY state", (self.id,)))

    def until(self, what, holds, seconds=120):
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, (what, self.counts(), self.service.log_tail())
            time.sleep(0.2)

    def until_made(self, seconds=300):
        self.until("all certificates are made", lambda: self.counts().get("made", 0) == self.count, seconds)

    def check(self):
        """Every row has one certificate, in row order, no number twice, each file is its row's, nothing else is there."""
        with sqlite3.connect(f"file:{self.service.data}/sealpress.db?mode=ro", uri=True) as db:
            rows = db.execute("SELECT e.position, e.number, e.state, c.id, c.number, c.state, c.file_sha256, c.file_size, e.id, c.entry "
                              "FROM entries e LEFT JOIN certificates c ON c.id = e.certificate WHERE e.filing = ? ORDER BY e.position",
                              (self.id,)).fetchall()
            others = db.execute("SELECT count(*) FROM certificates c WHERE c.entry IN (SELECT id FROM entries WHERE filing = ?)",
                                (self.id,)).fetchone()[0]
            numbers = [n for (n,) in db.execute("SELECT number FROM certificates")]
            queued = db.execute("SELECT count(*) FROM entries WHERE filing = ? AND state NOT IN ('made')", (self.id,)).fetchone()[0]
        assert len(rows) == self.count and others == self.count and queued == 0, (len(rows), others, queued)
        assert len(set(numbers)) == len(numbers), "a number was given twice"
        assert [r[1] for r in rows] == sorted(r[1] for r in rows), "numbers are not in the order of the list"
        for position, number, state, identity, printed, made, sha, size, entry, of in rows:
            assert (state, made, number, entry) == ("made", "issued", printed, of), (position, state, made, number, printed)
            pdf = pathlib.Path(self.service.data, "files", identity[:2], identity + ".pdf").read_bytes()
            assert len(pdf) == size and hashlib.sha256(pdf).digest() == sha, f"the file of {number} is not the one of its row"
        return len(rows)

    def check_archive(self):
        """The one download has every certificate, byte for byte."""
        status, _, head = self.service.call("GET", f"/v1/filings/{self.id}/certificates.zip", None,
                                            {"Authorization": f"Bearer {self.organiser}"})
        assert status == 303, status
        location = "/" + head["Location"].split("/", 3)[3] if "//" in head["Location"] else head["Location"]
        archive = zipfile.ZipFile(io.BytesIO(self.call("GET", location)))
        assert archive.testzip() is None
        pdfs = [n for n in archive.namelist() if n.endswith(".pdf")]
        assert len(pdfs) == self.count, len(pdfs)
        sums = dict(line.split("  ", 1)[::-1] for line in archive.read("SHA256SUMS").decode().splitlines())
        for name in pdfs:
            assert hashlib.sha256(archive.read(name)).hexdigest() == sums[name], name
