#!/usr/bin/env python3
"""Every durable step of everything that changes something and is no order: reissue, revocation, photo, grant, keys. At each
in turn the disk fails, then the process is killed there and all is started anew; the same request again, with its
Idempotency-Key, succeeds, and what it does is done once. Usage: every_post.py PROGRAM SHIM"""
import errno
import json
import subprocess
import sys

import service as s

STEPS = s.WRITE | s.SYNC | s.RENAME | s.CREATE | s.TRUNCATE | s.UNLINK


class Posts:
    def __init__(self, service):
        self.service, self.n = service, 0
        self.seal = self.call("GET", "/v1/organizations/demo-issuer")[1]["seal_id"]
        self.run("seal", "grant", self.seal, "--to", "@grants")

    def call(self, method, path, body=None, headers=None):
        status, answer, _ = self.service.call(method, path, body, headers)
        return status, json.loads(answer)

    def run(self, *words, fails=False):
        """A command; fails: on the disk that fails."""
        env = {k: v for k, v in self.service.env.items() if fails or k != "LD_PRELOAD"}
        return subprocess.run([self.service.program, *words, "--data", self.service.data], env=env, capture_output=True, text=True)

    def ordered(self):
        self.n += 1
        return self.service.issue_until_done(self.n)["id"]

    def events(self, certificate, event):
        return [e for e in self.call("GET", "/v1/certificates/" + certificate)[1]["events"] if e["event"] == event]

    # each makes what it needs and returns the request, and what holds when it was answered

    def reissue(self):
        old, biz_no = self.ordered(), f"R-{self.n:06d}"
        body = {"biz_no": biz_no, "reason": "遗失", "changes": {"obtained_date": "2026-01-10"}}

        def once(answer):
            assert len([r for r in self.service.rows() if r["biz_no"] == biz_no]) == 1, "two replacements"
            view = self.call("GET", "/v1/certificates/" + old)[1]
            assert (view["status"], view["replaced_by"]) == ("replaced", answer["id"]), view
            assert len(self.events(old, "replaced")) == 1

        return "/v1/certificates/" + old + "/reissue", body, once

    def revoke(self):
        identity = self.ordered()

        def once(answer):
            assert answer["status"] == "revoked" and len(self.events(identity, "revoked")) == 1

        return "/v1/certificates/" + identity + "/revoke", {"reason": "测试"}, once

    def photo(self):
        self.n += 1
        picture = (s.SOURCE / "samples/photo.jpg").read_bytes() + self.n.to_bytes(4, "big")

        def once(answer):
            status, kept, _ = self.service.call("GET", answer["links"]["original"])
            assert status == 200 and kept == picture, "the original is not what was sent"

        return "/v1/photos", picture, once

    def grant(self):
        self.n += 1
        body = {"seal": self.seal, "to": "demo", "count": 1000 + self.n}

        def once(answer):
            same = [g for g in self.call("GET", "/v1/grants")[1]["items"] if g["count"] == body["count"]]
            assert same == [answer], f"given {len(same)} times"

        return "/v1/grants", body, once

    def new_key(self):
        """By the command line, as keys have no other way: told and kept, or neither."""
        before = {k["id"] for k in json.loads(self.run("key", "list", "--json").stdout)}
        done = self.run("key", "new", "--name", "测试", "--organisation", "*", fails=True)
        key = s.KEY.search(done.stdout)
        if key is None:
            assert done.returncode != 0
            return
        after = json.loads(self.run("key", "list", "--json").stdout)
        assert key.group(0).split("_")[1] in {k["id"] for k in after} - before, "a key was told and not kept"

    def rotate_key(self):
        """However it ends, a key that is told works."""
        old = s.KEY.search(self.run("key", "new", "--name", "alt", "--organisation", "*").stdout)
        fresh = s.KEY.search(self.run("key", "rotate", old.group(0).split("_")[1], fails=True).stdout)
        states = {k["id"]: k["state"] for k in json.loads(self.run("key", "list", "--json").stdout)}
        told = [k.group(0).split("_")[1] for k in (old, fresh) if k]
        assert "valid" in [states.get(k) for k in told], "no key is left"


def send(posts, path, body, key):
    headers = {"Idempotency-Key": key}
    if isinstance(body, bytes):
        headers["Content-Type"] = "image/jpeg"
    status, answer = posts.call("POST", path, body, headers)
    return answer if status in (200, 201) else status


def retry(posts, path, body, key):
    """As a portal does."""
    for _ in range(100):
        try:
            answer = send(posts, path, body, key)
        except s.Refused:
            answer = 0
        if isinstance(answer, dict):
            return answer
        assert answer in (0, 409, 503), answer
        s.time.sleep(0.1)
    raise AssertionError(f"{path} did not succeed: {answer}\n{posts.service.log_tail()}")


def try_each_step(service, disk, posts, make, error, scope):
    """The number of steps there are."""
    at = 0
    while True:
        at += 1
        path, body, once = make()
        key = f"{make.__name__}-{error}-{scope}-{at}"
        disk.fail(at, at, error, STEPS, scope)
        try:
            first = send(posts, path, body, key)
        except s.Refused:
            first = 0
        struck = disk.get("happened") > 0
        disk.heal()
        if struck and (error == 0 or at % 3 == 0):  # a failing disk is survived with and without a new start
            service.kill()
            service.start()
        answer = retry(posts, path, body, key)
        assert not isinstance(first, dict) or first["id"] == answer["id"], "acknowledged and changed"
        once(answer)
        assert retry(posts, path, body, key) == answer or make == posts.reissue
        if not struck:
            return at - 1


def try_command(disk, command, error):
    at = 0
    while True:
        at += 1
        disk.fail(at, at, error, STEPS, s.SERVER)
        command()
        struck = disk.get("happened") > 0
        disk.heal()
        if not struck:
            return at - 1


def main(program, shim):
    service = s.Service(program)
    disk, steps = service.preload(shim), 0
    service.init()
    service.start()
    service.upload()
    posts = Posts(service)
    for error, name in ((errno.EIO, "EIO"), (0, "killed")):
        for make in (posts.reissue, posts.revoke, posts.photo, posts.grant):
            for scope in (s.SERVER, s.KEYS):
                count = try_each_step(service, disk, posts, make, error, scope)
                steps += count
                print(f"{make.__name__}, {name}, {'server' if scope == s.SERVER else 'signer'}: {count} steps", flush=True)
        for command in (posts.new_key, posts.rotate_key):
            count = try_command(disk, command, error)
            steps += count
            print(f"{command.__name__}, {name}: {count} steps", flush=True)
    service.until_ready()
    assert service.stop() == 0
    assert steps > 60, "too few steps to say anything"
    print(f"{steps} steps, each survived")
    service.remove()


main(*sys.argv[1:])
