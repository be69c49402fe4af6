#!/usr/bin/env python3
"""The program is killed at each durable step of an order in turn, before it and in the midst of a write, in the server and
in the signer; then everything is killed and started anew. Usage: crash_points.py PROGRAM SHIM"""
import sys

import service as s

STEPS = s.WRITE | s.SYNC | s.RENAME | s.CREATE | s.TRUNCATE | s.UNLINK


def main(program, shim):
    service = s.Service(program)
    disk, promises, n, points = service.preload(shim), s.Promises(), 0, 0
    service.init()
    service.start()
    service.upload()
    for scope, whose in ((s.SERVER, "server"), (s.KEYS, "signer")):
        for torn in (False, True):
            at, kinds = 0, s.WRITE if torn else STEPS
            while True:
                at, n = at + 1, n + 1
                disk.fail(at, at, 0, kinds, scope, torn)
                try:
                    status, answer = service.issue(n)
                    assert status in (201, 503), (status, answer)
                    if status == 201:
                        promises.acknowledge(answer, f"F-{n:06d}")
                except s.Refused:
                    pass
                struck = disk.get("happened") > 0
                disk.heal()
                if struck:
                    service.kill()
                    service.start()
                promises.acknowledge(service.issue_until_done(n), f"F-{n:06d}")
                if not struck:
                    break
                points += 1
            print(f"{whose}: {'torn writes' if torn else 'durable steps'}: {at - 1} places")
    service.until_ready()
    assert service.stop() == 0
    print(f"{promises.check(service)} certificates after {points} crashes")
    assert points > 20, "too few points to say anything"
    service.remove()


main(*sys.argv[1:])
