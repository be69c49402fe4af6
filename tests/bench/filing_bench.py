#!/usr/bin/env python3
"""A filing from the list to all its certificates in the real service: rate, CPU a certificate at the start and at the end,
memory of all processes, progress, the one download. Prints numbers; judges nothing.
Usage: filing_bench.py PROGRAM [COUNT [CERTIFICATE_BENCH]]  (a Release build; CERTIFICATE_BENCH prints the cost of one alone)"""
import http.client
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))
import filing as f  # noqa: E402
import service as s  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
PHOTOS = 1000  # opened one by one; the others share one


def cpu(service):
    """Seconds of all processes, those that ended included."""
    total = 0
    for pid in service.tree():
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(x) for x in fields[11:15])
    return total / TICKS


def memory(service):
    """MB: what the processes share is counted once (PSS)."""
    total = 0
    for pid in service.tree():
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
    return total / 1024


class Watch:
    def __init__(self, service):
        self.service, self.peak, self.began, self.cpu = service, 0, time.monotonic(), cpu(service)

    def look(self):
        self.peak = max(self.peak, memory(self.service))

    def spent(self):
        return time.monotonic() - self.began, cpu(self.service) - self.cpu


def until_done(service, filing, job, watch):
    while True:
        state = filing.job(job)
        watch.look()
        if state["state"] in ("done", "failed", "cancelled"):
            return state
        time.sleep(0.5)


def making(service, filing, count):
    watch, samples, stalls, last, last_change = Watch(service), [], 0, 0, time.monotonic()
    while True:
        made = filing.counts().get("made", 0)
        now = time.monotonic()
        if made != last:
            stalls = max(stalls, now - last_change) if last else 0
            last, last_change = made, now
        samples.append((made, *watch.spent()))
        watch.look()
        if made == count:
            break
        time.sleep(0.2)
    return watch, samples, stalls


def cost_between(samples, count, low, high):
    inside = [x for x in samples if low * count <= x[0] <= high * count]
    if len(inside) < 2 or inside[-1][0] == inside[0][0]:
        return float("nan")
    return (inside[-1][2] - inside[0][2]) / (inside[-1][0] - inside[0][0]) * 1000


def alone(bench, service):
    """CPU ms of one certificate by itself, of server and signer together, as certificate_bench measures it."""
    photo = os.path.join(service.folder, "photo.jpg")
    subprocess.run([service.program, "photo", str(s.SOURCE / "samples/photo.jpg"), "-o", photo], check=True, capture_output=True)
    for batch in ("1", "32"):
        data = os.path.join(service.folder, "alone-" + batch)
        subprocess.run([service.program, "init", "--demo", "--data", data], check=True, capture_output=True)
        done = subprocess.run([bench, data, "demo", photo, "1000", "rsa-2048", batch], capture_output=True, text=True)
        print(f"-- one certificate alone, batches of {batch}")
        print("\n".join(line for line in done.stdout.splitlines() if line.strip())[:2500], flush=True)


def lend_photo(service, filing, first):
    """One photo for everybody from row first on, so that opening pictures is not what is measured afterwards."""
    picture = (s.SOURCE / "samples/photo.jpg").read_bytes()
    head = {"Authorization": f"Bearer {filing.organiser}"}
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)

    def ask(method, path, body, kind):
        connection.request(method, path, body, dict(head, **{"Content-Type": kind}))
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status < 300, (path, answer.status, content[:500])
        return json.loads(content)
    upload = json.dumps({"photo_id": ask("POST", "/v1/photos", picture, "image/jpeg")["id"]})
    with sqlite3.connect(f"file:{service.data}/sealpress.db?mode=ro", uri=True) as db:
        entries = [e for (e,) in db.execute("SELECT id FROM entries WHERE filing = ? AND position >= ?", (filing.id, first))]
    for entry in entries:
        ask("PUT", f"/v1/filings/{filing.id}/entries/{entry}/photo", upload, "application/json")
    connection.close()


def main(program, count="30000", bench=None):
    count = int(count)
    service = s.Service(program)
    service.init()
    if bench:
        alone(bench, service)
    service.start()
    filing = f.Filing(service, count, "1")
    watch = Watch(service)
    filing.create()
    watch.look()
    print(f"list of {count} rows read, checked and stored: {watch.spent()[0]:.1f} s, {watch.spent()[1]:.1f} s CPU, {watch.peak:.0f} MB", flush=True)
    watch = Watch(service)
    opened = min(count, PHOTOS)
    job = filing.send_photos(range(1, opened + 1))
    until_done(service, filing, job, watch)
    wall, used = watch.spent()
    print(f"{opened} photos opened, checked, cropped: {wall:.1f} s, {1000 * used / opened:.2f} ms CPU each, {watch.peak:.0f} MB", flush=True)
    lend_photo(service, filing, opened + 1)
    filing.approve()
    watch = Watch(service)
    filing.accession()
    filing.until("numbers", lambda: "listed" not in filing.counts(), 900)
    wall, used = watch.spent()
    print(f"every row checked and numbered: {wall:.1f} s, {1000 * used / count:.2f} ms CPU each", flush=True)
    watch, samples, stall = making(service, filing, count)
    wall, used = watch.spent()
    cores = len(os.sched_getaffinity(0))
    print(f"{count} certificates made: {wall:.1f} s, {count / wall:.1f} a second, {1000 * used / count:.3f} ms CPU each on {cores} cores")
    print(f"   of the cores' time {100 * used / wall / cores:.0f} %")
    print(f"   CPU ms each in the first tenth {cost_between(samples, count, .02, .12):.3f}, in the last {cost_between(samples, count, .9, 1):.3f}")
    print(f"   longest time without progress {stall:.1f} s; memory of all processes at most {watch.peak:.0f} MB", flush=True)
    filing.check()
    began = time.monotonic()
    status, _, head = service.call("GET", f"/v1/filings/{filing.id}/certificates.zip", None, {"Authorization": f"Bearer {filing.organiser}"})
    frozen = time.monotonic() - began
    print(f"snapshot of {count} frozen: {frozen:.2f} s ({status}, {head.get('Location')})")
    service.stop()
    service.remove()


main(*sys.argv[1:])
