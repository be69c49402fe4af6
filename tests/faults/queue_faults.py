#!/usr/bin/env python3
"""The disk fails under a filing that is being made: every kind of call, with EIO and ENOSPC, for a while, in the server
and in the signer. Making stops and says why, recovers by itself, and every row gets one certificate.
Usage: queue_faults.py PROGRAM SHIM"""
import errno
import sys
import time

import filing as f
import service as s

ROWS = 100
KINDS = {"write": s.WRITE, "sync": s.SYNC, "rename": s.RENAME, "creation": s.CREATE}


def main(program, shim):
    service = s.Service(program)
    disk = service.preload(shim)
    service.init()
    service.start()
    number, halts, struck = 0, 0, 0
    for scope, whose in ((s.SERVER, "server"), (s.KEYS, "signer")):
        for kind, bit in KINDS.items():
            number += 1
            error = (errno.EIO, errno.ENOSPC)[number % 2]
            filing = f.Filing(service, ROWS, str(number))
            filing.create()
            filing.approve()
            job = filing.send_photos(range(1, ROWS + 1))
            filing.until("photos", lambda: filing.job(job)["state"] == "done")
            filing.accession()
            filing.until("numbers", lambda: "listed" not in filing.counts())
            disk.fail(1, 1_000_000, error, bit, scope)
            time.sleep(2)  # long enough for several attempts
            try:
                halts += filing.call("GET", f"/v1/filings/{filing.id}").get("halted") is not None
            except (s.Refused, AssertionError):
                pass  # while nothing can be written a service may be out of service
            struck += disk.get("happened") > 0
            disk.heal()
            filing.until_made()
            filing.check()
            print(f"{whose}: {kind}", flush=True)
    service.until_ready()
    assert struck >= 4, f"the disk failed {struck} times only: this says nothing"
    assert halts > 0, "nobody was told why nothing is being made"
    assert service.stop() == 0
    print(f"{number} filings made under {struck} failing disks, told {halts} times")
    service.remove()


main(*sys.argv[1:])
