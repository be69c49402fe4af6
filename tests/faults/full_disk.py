#!/usr/bin/env python3
"""A disk of 160 MB fills up, with orders coming in, and is emptied again: refusals say why, /readyz says it too, the
service recovers by itself. Needs root for the mount. Usage: full_disk.py PROGRAM"""
import errno
import os
import subprocess
import sys
import time

import service as s


def fill(path, leave):
    free = os.statvfs(os.path.dirname(path)).f_bavail * os.statvfs(os.path.dirname(path)).f_frsize
    with open(path, "ab", buffering=0) as f:
        try:
            f.write(bytes(max(free - leave, 0)))
        except OSError as e:  # the service wrote meanwhile: full all the same
            if e.errno != errno.ENOSPC:
                raise


def until(what, holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def main(program):
    service = s.Service(program)
    mount = os.path.join(service.folder, "mount")
    os.mkdir(mount)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "none", mount], check=True)
    try:
        service.data, promises, ballast = os.path.join(mount, "data"), s.Promises(), os.path.join(mount, "ballast")
        service.init()
        service.start()
        service.upload()
        until("ready at first", lambda: service.ready()[0] == 200)
        n = 0
        for leave in (2_000_000, 900_000, 300_000, 100_000, 0):
            fill(ballast, leave)
            refused = 0
            while refused < 3:
                n += 1
                status, answer = service.issue(n)
                assert status in (201, 503), (status, answer)
                if status == 201:
                    promises.acknowledge(answer, f"F-{n:06d}")
                    continue
                refused += 1
                assert answer["detail"], answer
            until("/readyz names the disk", lambda: service.ready()[0] == 503 and not service.ready()[1]["disk"])
            status, _, _ = service.call("GET", "/livez")
            assert status == 200
            os.remove(ballast)
            for k in range(max(n - 5, 1), n + 1):
                promises.acknowledge(service.issue_until_done(k), f"F-{k:06d}")
            service.until_ready()
        assert service.stop() == 0
        print(f"{promises.check(service)} certificates; the disk was full five times")
    finally:
        if service.process and service.process.poll() is None:
            service.kill()
        subprocess.run(["umount", "-l", mount], check=True)
        service.remove()


main(*sys.argv[1:])
