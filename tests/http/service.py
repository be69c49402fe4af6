"""A service of its own for a test: a demo directory, sealpress serve on a free port, and somebody who asks."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import http.client


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    def json(self):
        return json.loads(self.body)

    def pointers(self):
        """Where the problem says the faults are."""
        return [e.get("pointer", "?" + e.get("parameter", "")) for e in self.json().get("errors", [])]


class Service:
    def __init__(self, program):
        self.program = program
        self.place = tempfile.mkdtemp(prefix="sealpress-http.")
        os.chmod(self.place, 0o755)
        self.data = os.path.join(self.place, "data")
        self.process = None
        self.environment = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
        self.run("init", "--demo", "--public-url", "https://zs.example.cn")

    def run(self, *words, fails=False):
        done = subprocess.run([self.program, *words, "--data", self.data], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        assert fails or done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def key(self, organisation, scopes="all"):
        text = self.run("key", "new", "--name", "test", "--organisation", organisation, "--scopes", scopes)
        return next(word for word in text.split() if word.startswith("sp_"))

    def start(self):
        self.log = open(os.path.join(self.place, "log"), "a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.program, "serve", "--listen", "127.0.0.1:0", "--data", self.data],
            env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert "listening on" in line, (line, open(self.log.name, encoding="utf-8").read())
        self.port = int(line.strip().rsplit(":", 1)[1])

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        assert code == 0, code

    def close(self):
        try:
            self.stop()
        finally:
            if self.process is not None:
                self.process.kill()
            shutil.rmtree(self.place, ignore_errors=True)

    def log_text(self):
        with open(self.log.name, encoding="utf-8") as f:
            return f.read()

    def ask(self, method, path, body=None, key=None, headers=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = dict(headers or {})
        headers.setdefault("Accept-Language", "en")
        if key:
            headers["Authorization"] = "Bearer " + key
        if body is not None:
            headers.setdefault("Content-Type", kind)
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body, ensure_ascii=False)
            if isinstance(body, str):
                body = body.encode()
        try:
            connection.request(method, path, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was sent; the answer says why
        response = connection.getresponse()
        answer = Answer(response, response.read())
        connection.close()
        return answer

    def until(self, what, seconds=20):
        """Waits until what() is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what():
                return
            time.sleep(0.2)
        raise AssertionError("it did not come to that in %d seconds" % seconds)


def run_all(program, tests):
    """Each test is a function of the service; its name is a sentence."""
    service = Service(program)
    failed = 0
    try:
        service.start()
        for test in tests:
            try:
                test(service)
                print("ok   ", test.__name__.replace("_", " "), flush=True)
            except Exception as e:  # pylint: disable=broad-except
                failed += 1
                print("FAIL ", test.__name__.replace("_", " "), repr(e)[:2000], flush=True)
        log = service.log_text()
        if "Sanitizer" in log:
            failed += 1
            print(log[-8000:])
    finally:
        service.close()
    return failed
