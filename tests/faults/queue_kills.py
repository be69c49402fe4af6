#!/usr/bin/env python3
"""kill -9 at random moments while a filing is checked, numbered, given its photos and made: of everything, of the server,
of the signer. In the end every row has one certificate, numbers are in the order of the list, counts reconcile.
Usage: queue_kills.py PROGRAM KILLS [SEED]"""
import os
import random
import signal
import sys
import time

import filing as f
import service as s

ROWS = 400  # of one filing; a further one follows while kills are left


def strike(service):
    victim = random.choice(["all", "all", "sealpress-sign", "sealpress-serve"])
    for pid in service.tree():
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                named = comm.read().strip()
        except OSError:
            continue
        if named == victim:
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
            break
    service.kill()
    service.start()


def main(program, kills, seed=None):
    kills, seed = int(kills), int(seed or time.time())
    random.seed(seed)
    print(f"seed {seed}", flush=True)
    service = s.Service(program)
    service.init()
    service.start()
    made, struck, number = 0, 0, 0
    filings = []
    while struck < kills:
        number += 1
        filing = f.Filing(service, ROWS, str(number))
        filing.create()
        filing.approve()
        filing.send_photos(range(1, ROWS + 1))
        filing.accession()
        filings.append(filing)
        made = 0
        while filing.counts().get("made", 0) < ROWS and struck < kills:
            time.sleep(random.uniform(0.05, 0.6))
            strike(service)
            struck += 1
            now = filing.counts().get("made", 0)
            assert now >= made, "a certificate that was made is made no more"
            made = now
        filing.until_made()
    for filing in filings:
        filing.check()
    if filings:
        filings[-1].check_archive()
    assert service.stop() == 0
    print(f"{sum(x.count for x in filings)} certificates of {len(filings)} filings after {struck} kills, no number twice, none lost")
    service.remove()


main(*sys.argv[1:])
