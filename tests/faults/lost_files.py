#!/usr/bin/env python3
"""A stored file is changed, gone, or something else stands in its place: it is never handed out, from the first question
on its page says that it cannot be confirmed, and when it is back all is well again. Usage: lost_files.py PROGRAM"""
import json
import os
import pathlib
import sys
import time

import service as s

UNSURE = "暂时不能确认"


def change(path):
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


def replaced(make):
    def act(path):
        path.unlink()
        make(path)

    return act


FAULTS = {"a flipped bit": change, "nothing": pathlib.Path.unlink, "a folder": replaced(os.mkdir), "a pipe": replaced(os.mkfifo),
          "another file": replaced(lambda path: path.symlink_to("/etc/passwd"))}


def page(service, made):
    status, body, _ = service.call("GET", "/v/" + made["verify_url"].rsplit("/", 1)[1])
    assert status == 200
    return body.decode()


def main(program):
    service = s.Service(program)
    service.init()
    service.start()
    service.upload()
    kept = []
    for n, (name, spoil) in enumerate(FAULTS.items(), 1):
        made = service.issue(n)[1]
        path = pathlib.Path(service.data, "files", made["id"][:2], made["id"] + ".pdf")
        kept.append((made, path, service.pdf(made["id"])))
        assert UNSURE not in page(service, made)
        spoil(path)
        for _ in range(2):
            status, answer, _ = service.call("GET", f"/v1/certificates/{made['id']}.pdf")
            assert (status, json.loads(answer)["code"]) == (503, "unavailable"), (name, status, answer)
        assert service.issue(n)[0] == 503
        assert UNSURE in page(service, made), name
        events = json.loads(service.call("GET", "/v1/certificates/" + made["id"])[1])["events"]
        assert [e["event"] for e in events] == ["issued", "file-fault"], events
        print(name, flush=True)
    deadline = time.monotonic() + 90
    while service.ready()[1]["file_faults"] != len(kept):
        assert time.monotonic() < deadline, "/readyz does not say it"
        time.sleep(0.2)
    for _, path, content in kept:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)
    while service.ready()[1]["file_faults"] > 0:
        assert time.monotonic() < deadline, "files that were restored are not found"
        time.sleep(0.2)
    for made, _, content in kept:
        assert service.pdf(made["id"]) == content and UNSURE not in page(service, made)
    assert service.stop() == 0
    service.remove()


main(*sys.argv[1:])
