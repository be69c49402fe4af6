"""The real program as a service on a data directory of its own, orders that all differ, and the promises checked
against what the data directory holds."""
import hashlib
import http.client
import json
import mmap
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
KEY = re.compile(r"sp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")


def order(n, photo):
    """Order number n: the same n gives the same order."""
    return {"profile": "demo", "biz_no": f"F-{n:06d}", "name": "王李张刘陈"[n % 5] + "伟芳娜敏静丽强"[n % 7] + "军洋勇艳杰"[n % 5],
            "gender": "男女"[n % 2], "birth_date": f"19{60 + n % 40}-{1 + n % 12:02d}-{1 + n % 28:02d}", "id_type": "军官证",
            "id_number": f"南字第{n:08d}号", "series": {"code": "04", "name": "工程技术人员"}, "specialty": "道路与桥梁工程",
            "title": "高级工程师", "level": "副高级", "year": 2025, "obtain_mode": "评审", "approval_no": "皖测社秘〔2026〕1号",
            "issue_date": "2026-01-15", "photo_id": photo}


def descendants(pid):
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = pathlib.Path("/proc", name, "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):  # it ended meanwhile
            continue
        if int(fields[1]) == pid:
            found += [int(name)] + descendants(int(name))
    return found


class Refused(Exception):
    """No answer came: the connection broke."""


class Service:
    def __init__(self, program, data=None):
        self.program = str(program)
        self.folder = tempfile.mkdtemp(prefix="faults-", dir=os.environ.get("TMPDIR", "/tmp"))
        os.chmod(self.folder, 0o755)
        self.data = data or os.path.join(self.folder, "data")
        self.env = dict(os.environ, LC_ALL="C.UTF-8")
        self.process = self.port = self.key = self.photo = None

    def init(self):
        done = subprocess.run([self.program, "init", "--demo", "--data", self.data], env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.key = KEY.search(done.stdout).group(0)

    def preload(self, shim):
        """From the next start on the disk fails as Disk says."""
        self.disk = Disk(os.path.join(self.folder, "control"))
        self.env.update(LD_PRELOAD=str(shim), SEALPRESS_FAULT_DIR=os.path.realpath(self.data), SEALPRESS_FAULT_CONTROL=self.disk.path)
        return self.disk

    def start(self):
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([self.program, "serve", "--listen", "127.0.0.1:0", "--data", self.data], env=self.env,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, f"the service did not start: {line!r}\n{self.log_tail()}"
        self.port = int(found.group(1))

    def log_tail(self):
        return pathlib.Path(self.folder, "log").read_text(errors="replace")[-3000:]

    def tree(self):
        return [self.process.pid] + descendants(self.process.pid)

    def kill(self):
        """Everything, as when the power fails."""
        pids = self.tree()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP) if pid == self.process.pid else None
        for pid in pids[::-1]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status

    def call(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        head = {"Authorization": f"Bearer {self.key}"}
        if isinstance(body, dict):
            body, head["Content-Type"] = json.dumps(body).encode(), "application/json"
        head.update(headers or {})
        try:
            connection.request(method, path, body, head)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        except (OSError, http.client.HTTPException) as why:
            raise Refused(str(why)) from None
        finally:
            connection.close()

    def upload(self):
        picture = (SOURCE / "samples/photo.jpg").read_bytes()
        status, body, _ = self.call("POST", "/v1/photos", picture, {"Content-Type": "image/jpeg"})
        assert status == 201, (status, body)
        self.photo = json.loads(body)["id"]

    def issue(self, n):
        """(status, answer) of order n."""
        status, body, _ = self.call("POST", "/v1/certificates", order(n, self.photo))
        return status, json.loads(body)

    def issue_until_done(self, n, seconds=60):
        """Retries as a portal does."""
        deadline = time.monotonic() + seconds
        why = None
        while time.monotonic() < deadline:
            try:
                status, answer = self.issue(n)
            except Refused as broken:
                why = broken
            else:
                if status in (200, 201):
                    return answer
                assert status in (409, 503), (status, answer)
                why = answer
            time.sleep(0.1)
        raise AssertionError(f"order {n} was not issued in {seconds} s: {why}\n{self.log_tail()}")

    def pdf(self, certificate):
        status, body, _ = self.call("GET", f"/v1/certificates/{certificate}.pdf")
        assert status == 200, (status, body[:300])
        return body

    def ready(self):
        status, body, _ = self.call("GET", "/readyz")
        return status, json.loads(body)

    def until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            try:
                status, body = self.ready()
            except Refused as why:
                status, body = 0, str(why)
            if status == 200:
                return
            assert time.monotonic() < deadline, f"not ready again: {body}\n{self.log_tail()}"
            time.sleep(0.1)

    def rows(self):
        with sqlite3.connect(f"file:{self.data}/sealpress.db?mode=ro", uri=True) as db:
            db.row_factory = sqlite3.Row
            return [dict(r) for r in db.execute("SELECT id, biz_no, number, state, file_sha256, file_size FROM certificates")]

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Promises:
    """What was acknowledged, for ever."""

    def __init__(self):
        self.kept = {}

    def acknowledge(self, answer, biz_no):
        fact = (answer["id"], answer["certificate_no"])
        assert self.kept.setdefault(biz_no, fact) == fact, f"{biz_no} was {self.kept[biz_no]}, now {fact}"

    def check(self, service, all_issued=True):
        rows = service.rows()
        by_biz_no = {r["biz_no"]: r for r in rows}
        assert len(by_biz_no) == len(rows), "a biz_no has two rows"
        numbers = [r["number"] for r in rows]
        assert len(set(numbers)) == len(numbers), "a number was given twice"
        for biz_no, (identity, number) in self.kept.items():
            row = by_biz_no.get(biz_no)
            assert row, f"acknowledged and lost: {biz_no}"
            assert (row["id"], row["number"], row["state"]) == (identity, number, "issued"), f"acknowledged and changed: {biz_no}"
        for row in rows:
            if row["state"] == "issued":
                pdf = pathlib.Path(service.data, "files", row["id"][:2], row["id"] + ".pdf").read_bytes()
                assert hashlib.sha256(pdf).digest() == row["file_sha256"], f"the file of {row['biz_no']} is not the one of its row"
            else:
                assert not all_issued, f"{row['biz_no']} is still {row['state']}"
        return len(rows)


WRITE, SYNC, RENAME, TRUNCATE, UNLINK, CREATE = 1, 2, 4, 8, 16, 32
SERVER, KEYS = 1, 2


class Disk:
    """The control of shim.c."""
    FIELDS = ("kinds", "scopes", "count", "start", "until", "error", "happened", "torn")

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.write(bytes(4 * len(self.FIELDS)))
        os.chmod(path, 0o666)
        self.file = open(path, "r+b")
        self.memory = mmap.mmap(self.file.fileno(), 4 * len(self.FIELDS))

    def set(self, name, value):
        struct.pack_into("=I", self.memory, 4 * self.FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("=I", self.memory, 4 * self.FIELDS.index(name))[0]

    def fail(self, start, until, error, kinds, scopes, torn=False):
        self.heal()
        for name, value in (("count", 0), ("happened", 0), ("error", error), ("torn", int(torn)), ("start", start), ("until", until),
                            ("scopes", scopes), ("kinds", kinds)):
            self.set(name, value)

    def heal(self):
        for name in ("kinds", "scopes", "start", "until"):
            self.set(name, 0)
