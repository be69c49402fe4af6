"""The preview as a browser asks it: pages, mistakes with their place, changes, and nothing for strangers.

Usage: preview_test.py PROGRAM
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from previewing import Preview, TEMPLATE, words_of  # noqa: E402  pylint: disable=wrong-import-position


def attribute(page, name):
    return re.search(name + r'="([^"]*)"', page).group(1)


def the_page_shows_source_checks_and_pdf(p):
    page = p.page()
    seen = words_of(page)
    assert "姓名：{{name | blank:\"8\"}}" in seen and "placeholders, all known" in seen, seen
    assert "employer" in seen and "characters" in seen and "marked as a draft" in seen, seen
    assert "2 pages" in seen and "A5" in seen, seen
    assert "wrong" not in re.findall(r"class=(\w+)", page)
    pdf = p.ask("/document.pdf")
    assert pdf.status == 200 and pdf.body.startswith(b"%PDF-") and pdf.headers["Content-Type"] == "application/pdf"
    assert p.ask("/document.pdf?view=boxes").body != pdf.body
    assert p.ask("/document.pdf?record=-").body != pdf.body
    assert p.ask("/document.pdf").body == pdf.body


def a_mistake_is_told_with_its_place_and_the_last_pdf_stays(p):
    good, version = p.ask("/document.pdf").body, attribute(p.page(), "data-version")
    p.write("template.md", TEMPLATE.replace("{{employer}}", "{{emploier}}"))
    page = p.page()
    assert "template.md:10:" in words_of(page) and "emploier" in words_of(page), words_of(page)
    assert "last result that succeeded" in words_of(page)
    assert re.search(r"<li class=wrong[^>]*><code>[^<]*<mark>emploier</mark>", page), page
    assert attribute(page, "data-version") == version
    assert p.ask("/document.pdf").body == good
    p.write("template.md", TEMPLATE.replace("</table>", "</tabel>"))
    assert re.search(r"<li class=wrong[^>]*><code><mark>&lt;table</mark>", p.page()), p.page()
    p.write("template.md", TEMPLATE)
    assert "1 mistake" not in words_of(p.page())


def a_mistake_in_a_record_is_told_too(p):
    p.write("other.json", '{"name": "测试员",\n "employer": }')
    seen = words_of(p.page("?record=other.json"))
    assert "no result yet" in seen and "other.json" in seen and "line 2" in seen, seen
    assert p.ask("/document.pdf?record=other.json").status == 422
    p.write("other.json", '{"name": "\\ue000", "employer": "虚构市测试局"}')
    seen = words_of(p.page("?record=other.json"))
    assert "other.json /name" in seen and "U+E000" in seen, seen


def a_saved_file_is_noticed(p):
    stamp = attribute(p.page(), "data-stamp")
    later = threading.Timer(0.6, lambda: p.write("template.md", TEMPLATE.replace("登记表", "登记册")))
    began = time.monotonic()
    later.start()
    answer = json.loads(p.ask("/changed?since=" + stamp).body)
    waited = time.monotonic() - began
    assert answer["stamp"] != stamp and 0.5 < waited < 10, (answer, waited)
    assert "登记册" in p.page()
    before = json.loads(p.ask("/changed").body)["stamp"]
    p.write("template.md", TEMPLATE)
    assert json.loads(p.ask("/changed?since=" + before).body)["stamp"] != before


def nothing_of_a_file_is_markup(p):
    p.write("template.md", TEMPLATE.replace("第二页", "第二页 `<script>alert(1)</script>` <script>alert(2)</script>"))
    p.write("sample.json", '{"name": "<img src=x onerror=alert(1)>", "employer": "\\"><b>"}')
    for query in ("", "?view=boxes"):
        page = p.page(query)
        assert page.count("<script") == 1 and "<img" not in page and "alert(1)</script>" not in page, page
    p.write("<script>.json", "{}")
    page = p.page("?record=%3Cscript%3E.json")
    assert page.count("<script") == 1 and "&lt;script&gt;.json" in page
    os.remove(os.path.join(p.folder, "<script>.json"))
    p.write("template.md", TEMPLATE)
    p.write("sample.json", '{"name": "测试员", "employer": "虚构市测试局"}')


def names_are_no_paths(p):
    for query in ("?template=../form", "?template=/etc", "?template=nothing", "?record=../form/sample.json",
                  "?record=/etc/passwd", "?record=template.md", "?record=%2e%2e/x.json", "?record=+"):
        for path in ("/", "/document.pdf", "/changed"):
            assert p.ask(path + query).status in (400, 404), query
    assert p.ask("/?colour=red").status == 422
    assert p.ask("/static/../preview.c").status in (400, 404) and p.ask("/nothing").status == 404
    assert p.ask("/", method="POST").status in (405, 411)


def others_are_refused(p):
    for host in ("evil.example", "evil.example:%d" % p.port, "127.0.0.1.evil.example", "localhost.evil.example:80",
                 "[::1].evil.example", "127.0.0.1:80@evil", "169.254.1.1", ""):
        for path in ("/", "/document.pdf", "/changed", "/preview.js"):
            answer = p.ask(path, Host=host)
            assert answer.status in (400, 403) and "登记" not in answer.body.decode(), (host, answer.status)
    for host in ("localhost", "localhost:8090", "127.0.0.1", "127.0.0.1:%d" % p.port, "[::1]", "[::1]:9"):
        assert p.ask("/preview.css", Host=host).status == 200, host


def answers_may_be_kept_and_framed_by_nobody(p):
    page, pdf = p.ask("/").headers, p.ask("/document.pdf").headers
    assert "script-src 'self'" in page["Content-Security-Policy"] and "unsafe" not in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert pdf["Content-Security-Policy"] == "frame-ancestors 'self'"
    for headers in (page, pdf):
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    text = p.page()
    assert " style=" not in text and "<style" not in text and not re.search(r" on\w+=", text)


def a_broken_template_can_be_previewed_from_its_first_moment(program):
    p = Preview(program, template="---\npage: A5\n---\n\n{{nobody}}\n")
    try:
        seen = words_of(p.page())
        assert "no result yet" in seen and "template.md:" in seen, seen
        assert p.ask("/document.pdf").status == 422
        os.remove(os.path.join(p.folder, "template.md"))
        assert "no result yet" in words_of(p.page())
        p.write("template.md", TEMPLATE)
        assert "2 pages" in words_of(p.page())
    finally:
        p.stop()


def installed_templates_are_chosen_by_name(program):
    p = Preview(program, "certificate")
    try:
        page = p.page()
        assert "certificate-portrait" in page and "marked as a specimen" in words_of(page)
        other = p.page("?" + urllib.parse.urlencode({"template": "certificate-portrait", "view": "boxes"}))
        assert "selected>certificate-portrait" in other
        assert p.ask("/document.pdf?template=certificate&record=-").status == 422  # no blank certificates
        assert p.log_text() == "", p.log_text()
    finally:
        p.stop()


def a_record_from_elsewhere_is_shown_first_and_watched(program):
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "mine.json")
        with open(os.path.join(os.environ["SEALPRESS_SHARE"], "templates/certificate/sample.json"), encoding="utf-8") as f:
            record = json.load(f)
        def save(**change):
            with open(path, "w", encoding="utf-8") as f:
                json.dump(dict(record, **change), f)
        save(name="测试甲")
        p = Preview(program, "certificate", "--record", path)
        try:
            page = p.page()
            assert "mine.json" in page and 'value="+" selected' in page, page
            stamp, first = attribute(page, "data-stamp"), p.ask("/document.pdf").body
            assert first != p.ask("/document.pdf?record=sample.json").body
            save(name="测试甲乙丙")
            assert json.loads(p.ask("/changed?since=" + stamp).body)["stamp"] != stamp
            p.page()
            assert p.ask("/document.pdf").body != first
        finally:
            p.stop()


def what_never_ends_is_not_waited_for(program):
    p = Preview(program)
    try:
        for name in ("template.md", "sample.json", "other.json"):
            path = os.path.join(p.folder, name)
            for make in (os.mkfifo, lambda place: os.symlink("/dev/zero", place), lambda place: os.symlink(place, place)):
                if os.path.lexists(path):
                    os.remove(path)
                make(path)
                began = time.monotonic()
                assert "1 mistake" in words_of(p.page("?record=other.json" if name == "other.json" else "")), name
                assert p.ask("/changed").status == 200 and time.monotonic() - began < 10, name
            os.remove(path)
            p.write("template.md", TEMPLATE)
            p.write("sample.json", '{"name": "测试员", "employer": "虚构市测试局"}')
        assert "1 mistake" not in words_of(p.page())
    finally:
        p.stop()


def what_a_template_is_like_is_watched(program):
    p = Preview(program)
    base = os.path.join(p.place, "base")
    try:
        os.mkdir(base)
        for name, text in (("template.md", TEMPLATE), ("sample.json", '{"name": "测试员", "employer": "虚构市测试局"}')):
            with open(os.path.join(base, name), "w", encoding="utf-8") as f:
                f.write(text)
        for number, line in enumerate(("like: base", 'like: "base"', "like:base")):
            p.write("template.md", "---\n%s\n---\n" % line)
            page = p.page()
            assert "1 mistake" not in words_of(page), words_of(page)
            with open(os.path.join(base, "template.md"), "w", encoding="utf-8") as f:
                f.write(TEMPLATE.replace("第二页", "另一页%d" % number))
            stamp = json.loads(p.ask("/changed?since=" + attribute(page, "data-stamp")).body)["stamp"]
            assert stamp != attribute(page, "data-stamp"), line
    finally:
        p.stop()


def it_listens_on_loopback_only(program):
    for listen, status, text in (("0.0.0.0:0", 1, "loopback only"), ("[::]:0", 1, "loopback only"),
                                 ("192.0.2.1:80", 1, "loopback only"), ("127.evil.example:0", 1, "loopback only"),
                                 ("here", 1, "loopback only")):
        done = subprocess.run([program, "preview", "certificate", "--listen", listen], capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == status and text in done.stderr, (listen, done)
    for word, text in (("nothing", "There is no template"), ("./nothing", "template.md")):
        done = subprocess.run([program, "preview", word], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1 and text in done.stderr, (word, done)


ASKING = [the_page_shows_source_checks_and_pdf, a_mistake_is_told_with_its_place_and_the_last_pdf_stays,
          a_mistake_in_a_record_is_told_too, a_saved_file_is_noticed, nothing_of_a_file_is_markup, names_are_no_paths,
          others_are_refused, answers_may_be_kept_and_framed_by_nobody]
ALONE = [a_record_from_elsewhere_is_shown_first_and_watched, a_broken_template_can_be_previewed_from_its_first_moment,
         installed_templates_are_chosen_by_name, what_never_ends_is_not_waited_for, what_a_template_is_like_is_watched,
         it_listens_on_loopback_only]


def main():
    os.environ.update(LANG="C.UTF-8", LC_ALL="C.UTF-8")
    program, failed = sys.argv[1], 0
    p = Preview(program)
    for test, subject in [(t, p) for t in ASKING] + [(t, program) for t in ALONE]:
        try:
            test(subject)
        except Exception as e:  # each is told
            failed += 1
            print("FAILED: %s: %r" % (test.__name__, e))
    p.stop()
    print("%d tests, %d failed" % (len(ASKING) + len(ALONE), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
