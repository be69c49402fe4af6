#!/usr/bin/env python3
"""kill -9 at random moments under load: of everything, of the server, of the signer. Four clients order without pause,
retry what was not answered, and repeat what was. Usage: kills.py PROGRAM COUNT [SEED]"""
import os
import pathlib
import random
import signal
import sys
import threading
import time

import service as s

CLIENTS = 4


class Clients:
    def __init__(self, service):
        self.service, self.promises = service, s.Promises()
        self.lock, self.stopping, self.fault, self.next = threading.Lock(), False, None, 0
        self.threads = [threading.Thread(target=self.work) for _ in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def take(self):
        with self.lock:
            self.next += 1
            return self.next

    def work(self):
        try:
            while not self.stopping:
                n = self.take()
                while not self.once(n) and not self.stopping:
                    time.sleep(0.02)
                if n % 7 == 0:
                    self.once(random.randrange(1, n + 1))
        except Exception as why:  # said by the main thread
            self.fault = why

    def once(self, n):
        try:
            status, answer = self.service.issue(n)
        except s.Refused:
            return False
        if status not in (200, 201):
            assert status in (409, 503), (status, answer)
            return False
        with self.lock:
            self.promises.acknowledge(answer, f"F-{n:06d}")
        return True

    def join(self):
        self.stopping = True
        for t in self.threads:
            t.join()
        if self.fault:
            raise self.fault


def named(service, name):
    """A process of the service by its name, or None."""
    for pid in service.tree():
        try:
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name:
                return pid
        except OSError:
            pass
    return None


def main(program, count, seed=None):
    count, seed = int(count), int(seed or time.time())
    random.seed(seed)
    print(f"seed {seed}", flush=True)
    service = s.Service(program)
    service.init()
    service.start()
    service.upload()
    clients = Clients(service)
    try:
        for k in range(count):
            time.sleep(random.uniform(0.02, 0.35))
            victim = random.choice(["all", "all", "all", "sealpress-sign", "sealpress-serve"])
            pid = named(service, victim)
            if pid:
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.1)
            service.kill()
            service.start()
            if clients.fault:
                break
    finally:
        clients.join()
    for n in range(1, clients.next + 1):
        clients.promises.acknowledge(service.issue_until_done(n), f"F-{n:06d}")
    service.until_ready()
    assert service.stop() == 0
    print(f"{clients.promises.check(service)} certificates after {count} kills, no number twice, none lost")
    service.remove()


main(*sys.argv[1:])
