#!/usr/bin/env python3
"""An old copy comes back: by restore into the same directory, by restore into another one, and by hand. Issuing stays
closed until recover, and no number comes twice. Usage: restores.py PROGRAM"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import service as s


def run(service, *words, status=0):
    done = subprocess.run([service.program, *words, "--data", service.data], env=service.env, capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def issue(service, first, count, promises):
    for n in range(first, first + count):
        promises.append(service.issue_until_done(n)["certificate_no"])


def refused(service, n):
    status, answer = service.issue(n)
    assert status == 503 and "recover" in json.dumps(answer, ensure_ascii=False), (status, answer)


def numbers_once(service, given):
    assert len(set(given)) == len(given), "a number was given twice"
    rows = [r["number"] for r in service.rows()]
    assert len(set(rows)) == len(rows), "a number is twice in the register"


def go_on(service, given, first):
    """Closed, then recovered, then the next numbers are new ones."""
    service.start()
    service.upload()
    refused(service, first)
    service.stop()
    told = run(service, "recover")
    service.start()
    service.upload()
    issue(service, first, 5, given)
    numbers_once(service, given)
    service.stop()
    return told


def main(program):
    service = s.Service(program)
    service.init()
    service.start()
    service.upload()
    given, backup = [], os.path.join(service.folder, "backup")
    issue(service, 1, 5, given)
    run(service, "backup", backup)  # while it serves
    issue(service, 6, 20, given)
    service.stop()
    old = os.path.join(service.folder, "old.db")
    shutil.copy(os.path.join(backup, "sealpress.db"), old)

    # into the same directory: files and log are there
    run(service, "restore", backup, status=1)
    run(service, "restore", backup, "--over")
    told = go_on(service, given, 101)
    by_number = {r["number"]: r for r in service.rows()}
    for number in given[5:25]:
        assert number in by_number, f"{number} is out and not in the register: {told}"
        row = by_number[number]
        path = pathlib.Path(service.data, "files", row["id"][:2], row["id"] + ".pdf")
        checked = subprocess.run([program, "verify", str(path), "--data", service.data], env=service.env, capture_output=True)
        assert checked.returncode == 0, checked.stderr

    # into another directory, with the log of the last moment: no file of the later ones is left
    run(service, "backup", backup)
    service.start()
    service.upload()
    issue(service, 201, 300, given)
    service.stop()
    log = pathlib.Path(service.data, "keys", "log")
    kept = os.path.join(service.folder, "kept-log")
    shutil.copytree(log, kept)
    service.data = os.path.join(service.folder, "other")
    run(service, "restore", backup)
    shutil.copytree(kept, os.path.join(service.data, "keys", "log"), dirs_exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(os.path.join(service.data, "keys", "log", "seals.log"), *owner(service.data))
        shutil.chown(os.path.join(service.data, "keys", "log", "heads.log"), *owner(service.data))
    go_on(service, given, 601)

    # by hand, which nobody should do: the signer's log is ahead of the database
    shutil.copy(os.path.join(service.data, "sealpress.db"), old)
    service.start()
    service.upload()
    issue(service, 701, 5, given)
    service.stop()
    for ending in ("-wal", "-shm"):
        pathlib.Path(service.data, "sealpress.db" + ending).unlink(missing_ok=True)
    shutil.copyfile(old, os.path.join(service.data, "sealpress.db"))
    if os.geteuid() == 0:
        go_on(service, given, 801)
    print(f"{len(given)} certificates, three old copies, no number twice")
    service.remove()


def owner(data):
    status = os.stat(os.path.join(data, "keys"))
    return status.st_uid, status.st_gid


main(*sys.argv[1:])
