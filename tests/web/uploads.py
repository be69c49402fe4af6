"""Files as strangers may send them, each made from a genuine one: what the page /v/upload says, the colour of its band
and the answer of POST /v1/verify must agree, and changes must be told in words that people understand."""
import json
import os
import re

COMMITTEE = "安徽省测试系列高级职称评审委员会"
ISSUER = "安徽省虚构人力资源和社会保障厅（测试）"
# judgement: the band's colour and word
VERDICTS = {
    "test": ("warn", "测试签章"), "altered": ("bad", "文件被改动"), "not-signed": ("", "没有签章"),
    "not-ours": ("warn", "不是本机关的文件"), "revoked": ("bad", "证书已撤销"), "cancelled": ("bad", "证书已注销"),
    "suspended": ("warn", "证书暂停使用"), "replaced": ("warn", "证书已换发"), "identical": ("ok", "与登记文件完全一致"),
}


def ends(data):
    return [m.end() for m in re.finditer(rb"%%EOF\n?", data)]


def body(data, number):
    """The newest version of an object."""
    return re.findall(rb"\n%d 0 obj\n(.*?)\nendobj" % number, data, re.S)[-1]


def number_of(data, pattern):
    return int(re.search(rb"\n(\d+) 0 obj\n(?:(?!endobj).)*?" + pattern, data, re.S).group(1))


def updated(data, objects):
    """An incremental update with these objects (number to body)."""
    trailer = data[data.rindex(b"trailer"):]
    size, root = (int(re.search(rb"/%s\s+(\d+)" % key, trailer).group(1)) for key in (b"Size", b"Root"))
    previous = int(re.search(rb"startxref\s+(\d+)", trailer).group(1))
    identity = re.search(rb"/ID\s*\[.*?\]", trailer, re.S).group(0)
    out, lines = data if data.endswith(b"\n") else data + b"\n", b""
    for number, text in sorted(objects.items()):
        lines += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    return out + b"xref\n%strailer\n<< /Size %d /Root %d 0 R /Prev %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        lines, max(size, *[n + 1 for n in objects]), root, previous, identity, len(out))


def size_of(data):
    return int(re.search(rb"/Size\s+(\d+)", data[data.rindex(b"trailer"):]).group(1))


def altered(data):
    """Name, file, the words for what was done."""
    page = number_of(data, rb"/Type /Page\b")
    contents = int(re.search(rb"/Contents (\d+)", body(data, page)).group(1))
    seal = number_of(data, rb"/T \(issuer\)")
    first, new = ends(data), size_of(data)
    stream = b"<< /Length 30 >>\nstream\n0 0 1 rg 100 100 200 200 re f \nendstream"
    face = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream"
    note = b"<< /Type /Annot /Subtype /Square /Rect [100 100 300 300] /C [1 0 0] >>"
    fake = (b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (more) /F 132 /Rect [9 9 99 99] /P %d 0 R /V %d 0 R >>" %
            (page, new + 1))
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:20261121000000Z) >>"
    middle = first[0] // 2
    yield "flipped", data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:], f"{COMMITTEE}的签章："
    yield "content", updated(data, {contents: stream}), "第 1 页的正文被替换"
    yield "note", updated(data, {page: body(data, page).replace(b" ]\n>>", b" %d 0 R ]\n>>" % new), new: note}), \
        "第 1 页多出批注"
    yield "face", updated(data, {seal: re.sub(rb"/N \d+ 0 R", b"/N %d 0 R" % new, body(data, seal)), new: face}), \
        f"{ISSUER}的签章外观被替换"
    yield "moved", updated(data, {seal: re.sub(rb"/Rect \[[^]]*\]", b"/Rect [10 10 137 137]", body(data, seal))}), \
        f"{ISSUER}的签章被移动"
    yield "removed", updated(data, {seal: re.sub(rb"/V \d+ 0 R", b"", body(data, seal))}), f"{ISSUER}的签章被删除"
    yield "added", updated(data, {page: body(data, page).replace(b" ]\n>>", b" %d 0 R ]\n>>" % new), new: fake,
                                  new + 1: value}), "新增了不认识的签章"
    yield "unsigned-revision", updated(data, {new: b"<< /Nothing true >>"}), "文件末尾多出未签章的版本"
    yield "tail", data + b"% one line too many\n", "文件末尾有多余数据"
    yield "cut", data[:first[1]], f"{ISSUER}的签章被删除"


def verify(s, data):
    answer, content = s.ask("/v1/verify", "POST", data, {"Content-Type": "application/pdf", "Authorization": f"Bearer {s.key}",
                                                         "Accept-Language": "zh-CN"})
    return json.loads(content) if answer.status == 200 else {"judgement": f"status {answer.status}: {content[:200]}"}


class Uploads:
    def __init__(self, s, check, shots=None):
        self.s, self.check, self.shots = s, check, shots

    def judged(self, name, data, judgement):
        """Page and API on one file; returns the page."""
        page, answer = self.s.upload(data, 200, name=f"{name}.pdf"), verify(self.s, data)
        tone, word = VERDICTS[judgement]
        self.check(answer["judgement"] == judgement, f"{name}: POST /v1/verify says {answer['judgement']}")
        self.check(f"<h1>{word}</h1>" in page, f"{name}: the page does not say {word}: {page[600:1200]}")
        self.check(f'class="band {tone}"' in page, f"{name}: the band is not {tone or 'grey'}")
        self.check(answer.get("word") == word and f"<p>{answer.get('sentence')}</p>" in page,
                   f"{name}: page and API say different things: {answer.get('sentence')}")
        for change in answer.get("changes", []) if judgement == "altered" else []:
            self.check(f"<h3>{change}</h3>" in page, f"{name}: the page does not say {change}")
        if self.shots:
            with open(os.path.join(self.shots, f"up-{name}.html"), "w", encoding="utf-8") as f:
                f.write(page)
        return page, answer

    def says(self, name, page, *texts):
        for text in texts:
            self.check(text in page, f"{name}: the page does not say {text!r}")

    def never(self, name, page, *texts):
        for text in texts:
            self.check(text not in page, f"{name}: the page says {text!r}")

    def pictures(self, page):
        addresses = re.findall(r'<img src="(/v/seal/[0-9a-f]{64})"', page)
        for address in addresses:
            answer, content = self.s.ask(address)
            self.check(answer.status == 200 and answer.getheader("Content-Type") == "image/svg+xml", f"{address}: {answer.status}")
            self.check(answer.getheader("Content-Security-Policy") ==
                       "default-src 'none'; sandbox; frame-ancestors 'none'", f"{address} may act")
            self.check(content.startswith(b"<") and b"<script" not in content, f"{address}: no picture")
        return addresses

    def whole(self, data):
        page, answer = self.judged("whole", data, "test")
        self.says("whole", page, "登记对象", "1 页", "签章单位自述，未经证明", "第 1 页", "仅新增后续 1 个单位的意见和签章，正文未变",
                  "没有任何变化，此签章覆盖整份文件", "版本 3", f"加盖{ISSUER}印章", "2 枚签章", "证书链", "340000********1274", "核验时间")
        self.never("whole", page, "签章真实", "class=x", "以此为准")
        self.check(len(set(self.pictures(page))) == 2, "whole: the registry's pictures of both seals are not there")
        self.check(answer["verdict"]["pages"] == 1 and answer["verdict"]["seals"][0]["page"] == 1, "whole: pages")
        for address in ("/v/seal/" + "0" * 64, "/v/seal/x", "/v/seal/..%2f..%2fkeys"):
            self.check(self.s.ask(address)[0].status == 404, f"{address} is there")

    def changes(self, data):
        for name, twin, words in altered(data):
            page, answer = self.judged(name, twin, "altered")
            self.check(any(words in change for change in answer["changes"]), f"{name}: {answer['changes']}")
            ours = name != "flipped" # not even its first revision is ours
            (self.says if ours else self.never)(name, page, "登记信息（以此为准）", "龙㛃䶮")
            self.never(name, page, "tag ok", "签章真实<", "mark ok")
            if name == "flipped":
                self.says(name, page, "签章被破坏")
                self.check(not self.pictures(page), "flipped: a broken seal has its picture")
            elif name not in ("tail", "cut", "removed"):
                self.says(name, page, "<li class=x>", "此签章只保护改动前的内容")
        self.never("cut", self.s.upload(data[:ends(data)[1]], 200), "<h1>测试")

    def strangers(self, data, foreign):
        page, _ = self.judged("unsealed", data[:ends(data)[0]], "not-signed")
        self.never("unsealed", page, "龙㛃䶮", "登记信息")
        page, _ = self.judged("foreign", foreign, "not-ours")
        self.says("foreign", page, "签章单位不在信任名单内")
        self.never("foreign", page, "龙㛃䶮", "登记信息", "34000019", "签章真实")
        self.check(not self.pictures(page), "foreign: the picture of a stranger's seal")

    def states(self, c, data):
        for status in ("revoked", "cancelled", "suspended", "replaced"):
            self.s.set(c, status=status, status_time=1788400800)
            page, _ = self.judged(status, data, status)
            self.never(status, page, "photo.jpg", "文件真实")
            twin = updated(data, {size_of(data): b"<< >>"})
            self.judged(f"{status}-altered", twin, "altered")  # first line that fits
        self.s.set(c, status="valid", status_time=0)


def judge(s, c, foreign, check, shots=None):
    with open(c["pdf"], "rb") as f:
        data = f.read()
    u = Uploads(s, check, shots)
    u.whole(data)
    u.changes(data)
    u.strangers(data, foreign)
    u.states(c, data)
