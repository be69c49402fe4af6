#!/usr/bin/env python3
"""Slow, idle and stalled clients against the limits as they are shipped; about three minutes, run by hand.
Usage: slow_clients.py PROGRAM [IDLE]"""
import resource
import select
import socket
import sys
import threading
import time

import service as s


class Watch:
    """Runs the cases side by side and collects what each saw."""

    def __init__(self):
        self.results, self.threads = {}, []

    def go(self, name, case, *args):
        def run():
            began = time.monotonic()
            try:
                self.results[name] = (case(*args), time.monotonic() - began)
            except Exception as why:
                self.results[name] = (f"failed: {why!r}", time.monotonic() - began)
        thread = threading.Thread(target=run)
        thread.start()
        self.threads.append(thread)

    def wait(self):
        for thread in self.threads:
            thread.join()


def dial(port, receive_buffer=None):
    c = socket.socket()
    if receive_buffer:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    c.connect(("127.0.0.1", port))
    c.settimeout(1)
    return c


def closed(c):
    """Whether the other end has hung up; what it said before goes to the list."""
    try:
        c.settimeout(0.01)
        return c.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def drip(port, head, drop, seconds=40):
    """Sends head, then a byte every 2 s, until it is cut."""
    c, began = dial(port), time.monotonic()
    c.sendall(head)
    while time.monotonic() - began < seconds:
        try:
            c.send(drop)
        except OSError:
            return "cut"
        for _ in range(20):
            if closed(c):
                return "cut"
            time.sleep(0.1)
    return "alive"


def paced_upload(port, key, total=10_000_000, rate=64 * 1024):
    c = dial(port)
    c.sendall(f"POST /v1/photos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: image/jpeg\r\n"
              f"Content-Length: {total}\r\n\r\n".encode())
    sent, began = 0, time.monotonic()
    while sent < total:
        piece = min(8192, total - sent)
        c.settimeout(30)
        c.sendall(b"\xff" * piece)
        sent += piece
        time.sleep(max(0, sent / rate - (time.monotonic() - began)))
    return c.recv(64).split(b"\r\n")[0].decode()


def slow_reader(port, key, path):
    c = dial(port, 4096)
    c.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    got, began = 0, time.monotonic()
    ended = select.poll()
    ended.register(c, 0)
    while time.monotonic() - began < 60:
        time.sleep(2)
        if ended.poll(0):  # reset; what this side's kernel still holds could be read for a minute
            return "cut"
        try:
            piece = c.recv(100)
        except TimeoutError:
            continue
        except OSError:
            return "cut"
        if piece == b"":
            return "cut"
        got += len(piece)
    return f"alive after {got} bytes"


def idle(port, count, service):
    lines = [dial(port) for _ in range(count)]
    times = []
    for n in range(50):
        began = time.monotonic()
        status, _, _ = service.call("GET", "/livez", timeout=5)
        assert status == 200, status
        times.append(time.monotonic() - began)
    for c in lines:
        c.close()
    return f"others answered, slowest {max(times) * 1e3:.0f} ms"


def main(program, idle_count="10000"):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    service = s.Service(program)
    service.init()
    service.start()
    service.upload()
    status, certificate = service.issue(1)
    assert status == 201
    port, key, watch = service.port, service.key, Watch()
    watch.go("10 MB at 64 KiB/s", paced_upload, port, key)
    watch.go("a header, one byte every 2 s", drip, port, b"GET /livez HTTP/1.1\r\nHost: x\r\nX: ", b"y")
    watch.go("nothing sent", drip, port, b"", b"")
    watch.go("a body, one byte every 2 s", drip, port, f"POST /v1/photos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
             "Content-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n".encode(), b"\xff")
    watch.go("a form's body, one byte every 2 s", drip, port, b"POST /v/ HTTP/1.1\r\nHost: x\r\nContent-Type: "
             b"application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n", b"a")
    watch.go("a PDF read at 50 bytes a second", slow_reader, port, key, f"/v1/certificates/{certificate['id']}.pdf")
    watch.go(f"{idle_count} idle connections", idle, port, int(idle_count), service)
    watch.wait()
    for name, (what, seconds) in watch.results.items():
        print(f"{name}: {what} ({seconds:.0f} s)")
    cut = [name for name in watch.results if "every 2 s" in name or "read at" in name or "nothing" in name]
    assert all(watch.results[name][0] == "cut" and watch.results[name][1] < 16 for name in cut), "a slow client lives"
    assert watch.results["10 MB at 64 KiB/s"][0].startswith("HTTP/1.1 4"), "the paced upload was not answered"
    assert watch.results[f"{idle_count} idle connections"][0].startswith("others answered")
    assert service.stop() == 0
    service.remove()


main(*sys.argv[1:])
