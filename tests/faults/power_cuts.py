#!/usr/bin/env python3
"""The power fails: of what the program wrote only that survives which it had synced, names only where their folder was, and
of the rest any part, in any order. The program runs once, all kinds of orders in; the shim takes down what it did to the
disk, and for a power cut at each sync and each answer the disk is made up as it could have been and looked at: no number
twice, nothing acknowledged lost, no row without its file. Usage: power_cuts.py PROGRAM SHIM [SEED]"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import sys
import tempfile
import threading
import time

import service as s

WRITE, SYNC, RENAME, TRUNCATE, UNLINK, CREATE, FOLDER = range(1, 8)
TRACE_SIZE = 96 * 1024 * 1024  # the processes that open photos have little room
HEAD = struct.Struct("=IIQQIIII")


class Trace:
    """What shim.c takes down."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("=QQ", 16, 0))
            f.truncate(TRACE_SIZE)
        os.chmod(path, 0o666)
        self.file = open(path, "rb")

    def end(self):
        return struct.unpack("=Q", os.pread(self.file.fileno(), 8, 0))[0]

    def events(self):
        """(position behind it, act, inode, at, path, other path, data) in the order of what happened."""
        at, end = 16, self.end()
        assert end <= TRACE_SIZE, "the trace is full"
        while at < end:
            size, act, inode, place, path, other, data, _ = HEAD.unpack(os.pread(self.file.fileno(), HEAD.size, at))
            rest = os.pread(self.file.fileno(), path + other + data, at + HEAD.size)
            at += size
            yield at, act, inode, place, rest[:path].decode(), rest[path:path + other].decode(), rest[path + other:]


class File:
    def __init__(self, content=b""):
        self.kept, self.pending = bytearray(content), []  # pending: (at, bytes), or (length, None) where it was cut

    def content(self, choose):
        result = bytearray(self.kept)
        for at, data in self.pending:
            if choose():
                apply(result, at, data)
        return result


def apply(content, at, data):
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(at - len(content), 0)))
    content[at:at + len(data)] = data


class Model:
    """A disk that does what POSIX promises and no more. What a folder holds survives with fsync() of the folder."""

    def __init__(self, data):
        self.data, self.files, self.names, self.pending, self.inodes = data, {}, {}, {}, {}
        for path in pathlib.Path(data).rglob("*"):
            if path.is_relative_to(pathlib.Path(data, "keys")) or path.is_socket():
                continue
            inode = path.stat().st_ino
            self.names[str(path)] = self.inodes[str(path)] = None if path.is_dir() else inode
            if path.is_file():
                self.files[inode] = File(path.read_bytes())

    def change(self, path, inode, here=True):
        self.pending.setdefault(os.path.dirname(path), []).append((path, inode, here))
        if here:
            self.inodes[path] = inode
        else:
            self.inodes.pop(path, None)

    def happen(self, act, inode, at, path, other, data):
        if act == CREATE:
            if self.inodes.get(path) != inode:
                self.files[inode] = File()
                self.change(path, inode)
        elif act == FOLDER:
            self.change(path, None)
        elif act == RENAME:
            self.change(other, self.inodes.get(path))
            self.change(path, None, False)
        elif act == UNLINK:
            self.change(path, None, False)
        elif act == SYNC and path:
            for name, what, here in self.pending.pop(path, []):
                self.settle(self.names, name, what, here)
        elif inode in self.files:
            f = self.files[inode]
            if act == SYNC:
                for place, change in f.pending:
                    apply(f.kept, place, change)
                f.pending = []
            else:
                f.pending.append((at, data if act == WRITE else None))

    @staticmethod
    def settle(names, name, what, here):
        if here:
            names[name] = what
        else:
            names.pop(name, None)

    def disk(self, to, chance):
        """Makes up the disk below the folder `to`: what was not synced is there with that chance."""
        choose = lambda: chance > 0 and random.random() < chance
        names = dict(self.names)
        for changes in self.pending.values():
            for name, what, here in changes:  # a folder's changes reach the disk in their order
                if not choose():
                    break
                self.settle(names, name, what, here)
        for name in sorted(names):
            path = to + name[len(self.data):]
            if not os.path.isdir(os.path.dirname(path)) or name.endswith("-shm"):
                continue
            if names[name] is None:
                os.mkdir(path)
            else:
                pathlib.Path(path).write_bytes(self.files[names[name]].content(choose))


def look(folder, promised):
    """What the next start of the program would find."""
    with sqlite3.connect(os.path.join(folder, "sealpress.db")) as db:
        db.execute("PRAGMA synchronous = OFF")
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = {r[0]: r[1:] for r in db.execute("SELECT id, number, state, file_sha256, status, biz_no FROM certificates")}
        photos = {r[0]: r[1] for r in db.execute("SELECT id, original FROM uploads")}
        events = set(db.execute("SELECT certificate, event FROM certificate_events"))
        answers = {r[0] for r in db.execute("SELECT idempotency_key FROM answers")}
    db.close()
    numbers = [r[0] for r in rows.values()]
    assert len(set(numbers)) == len(numbers), "a number was given twice"
    assert len({r[4] for r in rows.values()}) == len(rows), "a biz_no has two rows"
    for identity, (_, state, sha, _, biz_no) in rows.items():
        if state == "issued":
            path = pathlib.Path(folder, "files", identity[:2], identity + ".pdf")
            assert path.exists(), f"{biz_no} is issued and has no file"
            assert hashlib.sha256(path.read_bytes()).digest() == sha, f"the file of {biz_no} is not the one of its row"
    for identity, sha in photos.items():
        path = pathlib.Path(folder, "originals", sha.hex()[:2], sha.hex())
        assert path.exists() and hashlib.sha256(path.read_bytes()).digest() == sha, "an original is not what was sent"
    for what, identity, more in promised:
        if what == "issued":
            assert identity in rows and rows[identity][:2] == (more, "issued"), f"acknowledged and lost: {more}"
        elif what == "photo":
            assert identity in photos, "an acknowledged photo is lost"
        else:
            assert (identity, what) in events and more in answers, f"acknowledged and lost: {what}"


class Clients:
    """Everything that is acknowledged, and where the trace stood then."""

    def __init__(self, service, trace):
        self.service, self.trace, self.promised, self.lock = service, trace, [], threading.Lock()

    def promise(self, what, identity, more):
        with self.lock:
            self.promised.append((self.trace.end(), (what, identity, more)))

    def post(self, path, body, headers=None):
        status, answer, _ = self.service.call("POST", path, body, headers)
        assert status in (200, 201), (path, status, answer)
        return json.loads(answer)

    def work(self, first):
        for n in range(first, first + 12):
            made = self.post("/v1/certificates", s.order(n, self.service.photo))
            self.promise("issued", made["id"], made["certificate_no"])
            if n % 3 == 0:
                key, event = f"k{n}", ("revoke", "revoked") if n % 2 else ("suspend", "suspended")
                self.post(f"/v1/certificates/{made['id']}/{event[0]}", {"reason": "测试"}, {"Idempotency-Key": key})
                self.promise(event[1], made["id"], key)
            elif n % 4 == 1:
                fresh = self.post(f"/v1/certificates/{made['id']}/reissue", {"biz_no": f"R-{n}", "reason": "遗失", "changes": {"obtained_date": "2026-01-10"}})
                self.promise("issued", fresh["id"], fresh["certificate_no"])
            elif n % 4 == 2:
                picture = (s.SOURCE / "samples/photo.jpg").read_bytes() + n.to_bytes(4, "big")  # another file each time
                photo = self.post("/v1/photos", picture, {"Content-Type": "image/jpeg"})
                self.promise("photo", photo["id"], "")


def drive(service, trace):
    service.start()
    service.upload()
    clients = Clients(service, trace)
    faults = []

    def guarded(first):
        try:
            clients.work(first)
        except Exception as why:  # said by the main thread
            faults.append(why)

    threads = [threading.Thread(target=guarded, args=(100 * k,)) for k in range(1, 5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if faults:
        raise faults[0]
    assert service.stop() == 0
    return sorted(clients.promised)


def main(program, shim, seed=None):
    seed = int(seed or time.time())
    random.seed(seed)
    print(f"seed {seed}", flush=True)
    service = s.Service(program)
    service.init()
    trace = Trace(os.path.join(service.folder, "trace"))
    service.preload(shim)
    service.env["SEALPRESS_FAULT_TRACE"] = trace.file.name
    service.data = os.path.realpath(service.data)
    model = Model(service.data)
    promised, cuts, due = drive(service, trace), 0, []
    for end, act, *what in trace.events():
        while promised and promised[0][0] < end:  # what was acknowledged before this happened
            due.append(promised.pop(0)[1])
            cuts += cut(model, service.folder, due, 0)
        if act == SYNC or act == RENAME:
            cuts += cut(model, service.folder, due, 0.5)
        model.happen(act, *what)
    assert cuts > 200 and not promised[20:], "too few places to say anything"
    print(f"{cuts} power cuts, {len(due)} acknowledgements, none lost")
    service.remove()


def cut(model, folder, due, chance):
    disk = tempfile.mkdtemp(prefix="disk-", dir=folder)
    model.disk(disk, chance)
    look(disk, due)
    shutil.rmtree(disk)
    return 1


main(*sys.argv[1:])
