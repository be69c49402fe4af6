#!/usr/bin/env python3
"""Many at once on the same thing: the same order, one number for many orders, two replacements of one certificate, one
Idempotency-Key, a grant with fewer uses than orders, the command line beside the service. One certificate an order, one use
of a seal a certificate, and whoever has to wait or is refused is told why. Usage: at_once.py PROGRAM"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

import service as s


class Crowd:
    def __init__(self, program):
        self.service = s.Service(program)
        self.service.init()
        self.service.start()
        self.service.upload()

    def post(self, path, body, headers=None):
        status, answer, head = self.service.call("POST", path, body, headers)
        if status in (409, 503) and json.loads(answer)["code"] in ("in-progress", "unavailable"):
            assert int(head["Retry-After"]) >= 1, head
        return status, json.loads(answer)

    def order(self, n, **more):
        return self.post("/v1/certificates", dict(s.order(n, self.service.photo), **more))

    def run(self, *words):
        done = subprocess.run([self.service.program, *words, "--data", self.service.data], env=self.service.env, capture_output=True,
                              text=True)
        return done.returncode, done.stdout

    def seal(self, *words):
        status, said = self.run("seal", *words)
        assert status == 0, words
        return said

    @staticmethod
    def at_once(calls):
        answers = [None] * len(calls)

        def work(k):
            answers[k] = calls[k]()

        threads = [threading.Thread(target=work, args=(k,)) for k in range(len(calls))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert None not in answers, "a call did not come back"
        return answers

    def one_of_all(self, answers, refusals=(409,)):
        """One was made; the others got the same, or the refusal."""
        statuses = collections.Counter(a[0] for a in answers)
        assert statuses[201] == 1 and set(statuses) <= {200, 201, *refusals}, statuses
        assert len({a[1]["id"] for a in answers if a[0] < 300}) == 1, "two certificates for one order"


def the_same_order(c):
    for n in (1, 2, 3):
        c.one_of_all(c.at_once([lambda: c.order(n)] * 50))


def the_same_orders_in_one_batch(c):
    answers = c.at_once([lambda n=n: (n, c.order(n)) for n in [10 + k % 7 for k in range(70)]])
    for n in range(10, 17):
        c.one_of_all([a for m, a in answers if m == n])


def one_number(c):
    answers = c.at_once([lambda n=n: c.order(n, certificate_no="皖A2025-777") for n in range(20, 40)])
    statuses = collections.Counter(a[0] for a in answers)
    assert statuses == {201: 1, 409: 19}, statuses


def replacements(c):
    body = {"reason": "遗失", "changes": {"obtained_date": "2026-01-10"}}
    for n in (50, 51):
        path = "/v1/certificates/" + c.order(n)[1]["id"] + "/reissue"
        names = [f"R-{n}-{k if n == 50 else 0}" for k in range(10)]
        c.one_of_all(c.at_once([lambda name=name: c.post(path, dict(body, biz_no=name)) for name in names]))


def one_idempotency_key(c):
    path, head = "/v1/certificates/" + c.order(60)[1]["id"], {"Idempotency-Key": "once"}
    answers = c.at_once([lambda: c.post(path + "/revoke", {"reason": "测试"}, head)] * 20)
    assert {a[0] for a in answers} <= {200, 409} and 200 in [a[0] for a in answers]
    events = json.loads(c.service.call("GET", path)[1])["events"]
    assert len([e for e in events if e["event"] == "revoked"]) == 1
    picture = (s.SOURCE / "samples/photo.jpg").read_bytes()
    head.update({"Content-Type": "image/jpeg", "Idempotency-Key": "photo"})
    answers = c.at_once([lambda: c.post("/v1/photos", picture, head)] * 6)
    assert len({a[1]["id"] for a in answers if a[0] == 201}) == 1 and {a[0] for a in answers} <= {201, 409}
    answer = c.post("/v1/photos?x=1&y=1&width=295&height=413", picture, head)
    assert answer[0] == 409 and answer[1]["code"] == "idempotency-key-reused", answer


def the_command_line_beside_the_service(c):
    path = os.path.join(c.service.folder, "order.json")
    order = dict(s.order(70, ""), photo_id=None)
    del order["photo_id"]
    pathlib.Path(path).write_text(json.dumps(order))

    def issue(k):
        status, said = c.run("issue", path, "--photo", str(s.SOURCE / "samples/photo.jpg"), "-o", path + f".{k}.pdf", "--json")
        assert status == 0
        return 200 if json.loads(said)["repeated"] else 201, json.loads(said)

    calls = [lambda k=k: issue(k) for k in range(4)] + [lambda n=n: c.order(n) for n in range(71, 91)]
    answers = c.at_once(calls)
    c.one_of_all(answers[:4])
    assert {a[0] for a in answers[4:]} == {201}


def settle(c, reserved):
    deadline = time.monotonic() + 60
    while [r["state"] for r in c.service.rows()].count("reserved") > reserved:
        assert time.monotonic() < deadline, "reserved for ever"
        time.sleep(0.2)


def a_grant_of_ten(c):
    """Last: it takes the other grants away."""
    grants = json.loads(c.service.call("GET", "/v1/grants")[1])["items"]
    seals = {g["seal"] for g in grants}
    for g in grants:
        c.seal("revoke-grant", g["id"])
    for seal in seals:
        c.seal("grant", seal, "--to", "demo", "--count", "10")
    answers = c.at_once([lambda n=n: c.order(n) for n in range(100, 160)])
    statuses = collections.Counter(a[0] for a in answers)
    assert statuses == {201: 10, 403: 50}, statuses
    assert all("授权" in a[1]["detail"] for a in answers if a[0] == 403)
    for g in json.loads(c.service.call("GET", "/v1/grants")[1])["items"]:
        assert not g["active"] or g["used"] == 10, g
    waiting = [r["number"] for r in c.service.rows() if r["state"] == "reserved"]
    listed = json.loads(c.service.call("GET", "/v1/certificates?state=reserved")[1])["items"]
    assert sorted(waiting) == sorted(x["certificate_no"] for x in listed)
    deadline = time.monotonic() + 30
    while waiting and (c.service.ready()[1]["reserved"] != len(waiting) or "problem" not in c.service.ready()[1]):
        assert time.monotonic() < deadline, f"/readyz does not say what waits: {c.service.ready()}"
        time.sleep(0.5)
    for seal in seals:
        c.seal("grant", seal, "--to", "demo")
    settle(c, 0)
    assert set(waiting) <= {r["number"] for r in c.service.rows() if r["state"] == "issued"}, "a number was lost"


def main(program):
    c = Crowd(program)
    for test in (the_same_order, the_same_orders_in_one_batch, one_number, replacements, one_idempotency_key,
                 the_command_line_beside_the_service, a_grant_of_ten):
        test(c)
        print(test.__name__.replace("_", " "), flush=True)
    assert c.service.stop() == 0
    count = s.Promises().check(c.service)
    uses = int(re.search(r"(\d+) of them uses", c.seal("log")).group(1))
    assert uses == 2 * count, f"{uses} uses of two seals for {count} certificates"
    c.service.remove()


main(*sys.argv[1:])
