#!/usr/bin/env python3
"""Every write, sync, rename, creation and truncation of an order fails in turn, with each error a disk gives, in the
server and in the signer: no number twice, nothing acknowledged is lost, the same order afterwards gives the certificate,
and the service recovers by itself. Usage: failing_disk.py PROGRAM SHIM"""
import errno
import sys

import service as s

ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
KINDS = {"write": s.WRITE, "sync": s.SYNC, "rename": s.RENAME, "creation": s.CREATE, "truncation": s.TRUNCATE}


def main(program, shim):
    service = s.Service(program)
    disk, promises, n, faults = service.preload(shim), s.Promises(), 0, 0
    service.init()
    service.start()
    service.upload()
    for scope, whose in ((s.SERVER, "server"), (s.KEYS, "signer")):
        for kind, bit in KINDS.items():
            for name, error in ERRORS.items():
                at = 0
                while True:
                    at, n = at + 1, n + 1
                    disk.fail(at, at, error, bit, scope)
                    status, answer = service.issue(n)
                    struck = disk.get("happened") > 0
                    disk.heal()
                    assert status in (201, 503), f"{whose} {kind} {at} {name}: {status} {answer}"
                    if status == 201:
                        promises.acknowledge(answer, f"F-{n:06d}")
                    promises.acknowledge(service.issue_until_done(n), f"F-{n:06d}")
                    if not struck:
                        break
                    faults += 1
                print(f"{whose}: {kind}, {name}: {at - 1} places")
    service.until_ready()
    assert service.stop() == 0
    print(f"{promises.check(service)} certificates after {faults} faults")
    assert faults > 20, "the shim struck too seldom to say anything"
    service.remove()


main(*sys.argv[1:])
