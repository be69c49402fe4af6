"""sealpress preview on a folder of an author, and somebody who asks it."""
import html
import http.client
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

TEMPLATE = """---
title: 登记表（{{name}}）
page: A5
unsealed: draft
blank: yes
---

# 登记表

姓名：{{name | blank:"8"}}，单位：{{employer}}

<table widths="30 * ">
<tr h="70"><th>单位意见</th><td><opinion role="employer" d="38"/></td></tr>
</table>

<page-break/>

第二页
"""
RECORD = '{"name": "测试员", "employer": "虚构市测试局"}'


class Preview:
    def __init__(self, program, *words, template=TEMPLATE, record=RECORD):
        self.place = tempfile.mkdtemp(prefix="sealpress-preview.")
        self.folder = os.path.join(self.place, "form")
        os.mkdir(self.folder)
        self.write("template.md", template)
        self.write("sample.json", record)
        self.log = open(os.path.join(self.place, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "preview", *(words or (self.folder,)), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
            stderr=self.log, text=True, env=dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8"))
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, (line, open(self.log.name, encoding="utf-8").read())
        self.port = int(found.group(1))

    def write(self, name, text):
        """As editors do it: a new file takes the old one's name."""
        path = os.path.join(self.folder, name)
        with open(path + ".new~", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(path + ".new~", path)

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, headers={"Accept-Language": "en", **headers})
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    def page(self, query=""):
        answer = self.ask("/" + query)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.body.decode()

    def log_text(self):
        with open(self.log.name, encoding="utf-8") as f:
            return f.read()

    def stop(self):
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.place)
        assert code == 0, code
        assert time.monotonic() - began < 10
        self.process = None


def words_of(page):
    """What a reader sees, tags left out."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))
