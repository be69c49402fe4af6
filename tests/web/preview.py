"""The preview in Chromium at the widths of a phone and a desk: the PDF shows in the browser's own viewer, an edited file
shows by itself, a mistake is marked in the source while the last PDF stays, keys work, the browser complains of nothing.

Usage: preview.py PROGRAM [SCREENSHOTS]
"""
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cli")]
from browser import Driver, start_driver  # noqa: E402  pylint: disable=wrong-import-position
from previewing import Preview, TEMPLATE  # noqa: E402  pylint: disable=wrong-import-position

LOOK = """
const doc = document.documentElement, out = {};
const text = (id) => (document.getElementById(id) || {textContent: ''}).textContent;
out.ready = document.readyState === 'complete' && text('state') !== '';
out.scroll = doc.scrollWidth - doc.clientWidth;
out.styled = document.querySelectorAll('style,[style]').length;
out.message = text('message'); out.page = text('page'); out.state = text('state'); out.facts = text('facts');
out.mark = [...document.querySelectorAll('#source mark')].map(m => m.textContent).join();
out.wavy = out.mark ? getComputedStyle(document.querySelector('#source mark')).textDecorationStyle : '';
out.version = document.getElementById('pdf').dataset.version;
out.src = document.getElementById('pdf').src;
out.frame = document.getElementById('pdf').getBoundingClientRect().height;
out.small = [...document.querySelectorAll('a,button,select')].filter(e => e.getClientRects().length > 0 &&
  !e.closest('#message') && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 60));
out.clipped = [...document.querySelectorAll('body *')].filter(e => !e.closest('svg,#source') &&
  e.getBoundingClientRect().right > doc.clientWidth + 0.5).map(e => e.tagName + '#' + e.id).slice(0, 5);
out.noname = [...document.querySelectorAll('select')].filter(i => i.labels.length === 0).length;
out.h1 = document.querySelectorAll('h1').length;
out.focus = document.activeElement.id;
out.view = document.getElementById('v').value;
return out;
"""


class Desk:
    def __init__(self, driver, preview, shots, width):
        self.driver, self.preview, self.shots, self.width = driver, preview, shots, width

    def look(self):
        return self.driver.call("POST", self.driver.session + "/execute/sync", {"script": LOOK, "args": []})

    def until(self, what, told):
        for _ in range(600):
            try:
                seen = self.look()
                if seen["ready"] and what(seen):
                    return seen
            except RuntimeError:
                pass  # between two pages
            time.sleep(0.1)
        raise AssertionError("%s: %r" % (told, self.look()))

    def press(self, key):
        for kind in ("rawKeyDown", "keyUp"):
            self.driver.devtools("Input.dispatchKeyEvent", type=kind, key=key,
                                 windowsVirtualKeyCode={"ArrowRight": 39, "ArrowLeft": 37}.get(key, ord(key[0].upper())))

    def picture(self, name):
        if self.shots:
            time.sleep(2)  # the viewer draws in a process of its own
            self.driver.picture(os.path.join(self.shots, "preview-%s-%d.png" % (name, self.width)))

    def open(self, query=""):
        self.driver.open("http://127.0.0.1:%d/%s" % (self.preview.port, query))
        return self.until(lambda s: s["page"], "the page is there")


def decent(seen, desk):
    assert seen["scroll"] <= 0 and not seen["clipped"], seen
    assert seen["styled"] == 0 and seen["noname"] == 0 and seen["h1"] == 1, seen
    assert seen["frame"] > 300 and (desk.width >= 640 or not seen["small"]), seen


def walk(desk):
    p = desk.preview
    first = desk.open("?lang=zh")
    decent(first, desk)
    assert first["page"] == "第 1 页，共 2 页" and first["message"] == "" and first["state"] == "保存文件后自动更新", first
    desk.picture("fine")
    desk.press("ArrowRight")
    assert desk.until(lambda s: s["page"] == "第 2 页，共 2 页", "→ turns the page")["src"].endswith("#page=2&navpanes=0&view=FitH")
    p.write("template.md", TEMPLATE.replace("{{employer}}", "{{emploier}}"))
    seen = desk.until(lambda s: s["message"], "a mistake shows by itself")
    assert "template.md:10:" in seen["message"] and "emploier" in seen["message"], seen
    assert seen["mark"] == "emploier" and seen["wavy"] == "wavy", seen
    assert seen["version"] == first["version"] and "page=2" in seen["src"], seen
    decent(seen, desk)
    desk.press("e")
    desk.until(lambda s: s["focus"] == "wrong", "E leads to the mistake")
    desk.picture("mistake")
    p.write("template.md", TEMPLATE.replace("登记表", "登记册"))
    seen = desk.until(lambda s: not s["message"], "a mended file shows by itself")
    assert seen["version"] != first["version"] and seen["version"] in seen["src"] and "page=2" in seen["src"], seen
    desk.press("b")
    seen = desk.until(lambda s: s["view"] == "boxes", "B draws boxes")
    assert seen["version"] != first["version"] and seen["page"] == "第 2 页，共 2 页" and "page=2" in seen["src"], seen
    desk.press("ArrowLeft")
    desk.until(lambda s: s["page"] == "第 1 页，共 2 页", "← turns back")
    desk.picture("boxes")
    p.write("template.md", TEMPLATE)


def main():
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("chromium or chromedriver is not installed")
        return 77
    program, shots = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    if shots:
        os.makedirs(shots, exist_ok=True)
    process, base = start_driver()
    wrong = []
    try:
        with tempfile.TemporaryDirectory() as profiles:
            for width, height, ratio in ((390, 844, 2), (1440, 1010, 1)):
                preview = Preview(program)
                driver = Driver(base, width, height, ratio, os.path.join(profiles, str(width)))
                try:
                    walk(Desk(driver, preview, shots, width))
                    wrong += ["console at %d: %s" % (width, line) for line in driver.complaints()]
                except AssertionError as e:
                    wrong.append("at %d: %s" % (width, e))
                finally:
                    driver.quit()
                    preview.stop()
    finally:
        process.terminate()
        process.wait()
    print("\n".join(wrong))
    print("%d faults" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
