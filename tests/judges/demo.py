"""The demo that the judges look at: demo.py SEALPRESS SOURCE_DIRECTORY DEMO_DIRECTORY.

A data directory made by "init --demo" (its offices enlarged by seals of every key type and by the portrait layout), in
issued/ certificates that "issue" made, with .seals (how many signatures), .url (what the QR code must say) and .texts
(what must be on the page), in unsigned/ what they were before the first signature, in twins/ damaged copies, root.pem,
and stranger.pem, a root that has nothing to do with it."""
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

LONG_NAME = "阿卜杜热合曼·阿卜杜外力·买买提吐尔逊·麦麦提敏"
VARIANTS = {
    "landscape": {"profile": "demo"},
    "portrait": {"profile": "judged-portrait"},
    "rare": {"profile": "judged-portrait", "name": "欧阳𬍛𫖯", "gender": "女", "birth_date": "1985-02-12",
             "id_number": "340000198502120024"},
    "middle-dot": {"profile": "demo", "name": "买买提·吐尔逊", "birth_date": "1990-06-07", "id_number": "340000199006074537"},
    "long-landscape": {"profile": "demo", "name": LONG_NAME, "birth_date": "1990-06-07", "id_number": "340000199006074537",
                       "specialty": "三十个字的专业名称用来检查长专业怎样换行并且每个字都还在纸上吗",
                       "employer": "安徽省虚构地区一所名字特别特别长的专门用来检查换行的职业技术学院附属实验中学校"},
    "long-portrait": {"profile": "judged-portrait", "name": LONG_NAME, "birth_date": "1990-06-07",
                      "id_number": "340000199006074537",
                      "specialty": "三十个字的专业名称用来检查长专业怎样换行并且每个字都还在纸上吗",
                      "employer": "安徽省虚构地区一所名字特别特别长的专门用来检查换行的职业技术学院附属实验中学校"},
    "replacement": {"profile": "demo", "original_no": "TD00001", "reissue_date": "2026-03-02"},
    "recognised": {"profile": "judged-issuer-alone", "obtain_mode": "认定"},
    "issuer-unsealed": {"profile": "demo-committee-only"},
    "unsealed": {"profile": "demo-unsealed"},
}
SEALS = {"recognised": 1, "issuer-unsealed": 1, "unsealed": 1}  # else 2; the last is the service's own, invisible


def enlarged(offices):
    """The demo's offices, with a second pair whose keys are P-256 and RSA-3072 and which issues the portrait layout."""
    first = {o["id"]: o for o in offices["organisations"]}
    profile = next(p for p in offices["profiles"] if p["id"] == "demo")
    for role, algorithm in (("issuer", "p-256"), ("committee", "rsa-3072")):
        office = copy.deepcopy(first[profile[role]])
        office.update(id=f"judged-{role}", draw_seal={**office["draw_seal"], "algorithm": algorithm})
        offices["organisations"].append(office)
    portrait = {**profile, "id": "judged-portrait", "template": "certificate-portrait", "issuer": "judged-issuer",
                "committee": "judged-committee", "region": "08"}
    alone = {**profile, "id": "judged-issuer-alone", "issuer": "judged-issuer", "region": "09"}
    del alone["committee"]
    offices["profiles"] += [portrait, alone]
    return offices


def share_with_offices(share, source, offices_path):
    os.makedirs(f"{share}/samples")
    for name in os.listdir(source):
        if name != "samples":
            os.symlink(f"{source}/{name}", f"{share}/{name}")
    with open(offices_path, encoding="utf-8") as f:
        offices = enlarged(json.load(f))
    with open(f"{share}/samples/offices.json", "w", encoding="utf-8") as f:
        json.dump(offices, f, ensure_ascii=False)
    return offices


def fresh(demo):
    """An empty directory that the program's other users can reach too, wherever the build is: demo links to it."""
    if os.path.islink(demo):
        shutil.rmtree(os.path.realpath(demo), ignore_errors=True)
        os.unlink(demo)
    place = tempfile.mkdtemp(prefix="sealpress-demo-")
    os.chmod(place, 0o755)
    os.symlink(place, demo)
    return place


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def day(text):
    year, month, date = text.split("-")
    return f"{year}年{int(month)}月{int(date)}日"


def expected_texts(order, offices, number):
    profile = next(p for p in offices["profiles"] if p["id"] == order["profile"])
    names = {o["id"]: o["name"] for o in offices["organisations"]}
    texts = [order[k] for k in ("name", "gender", "id_number", "specialty", "title", "level", "approval_no", "employer")]
    texts += [day(order[k]) for k in ("birth_date", "obtained_date", "issue_date")]
    texts += [order["series"]["name"], str(order["year"]), number, names[profile["issuer"]], "扫码验证"]
    texts.append(f"经{order['obtain_mode']}，持证人具备上列专业技术资格，特发此证。")
    if "committee" in profile:
        texts.append(names[profile["committee"]])
    if "original_no" in order:
        texts += [f"补（换）发日期：{day(order['reissue_date'])}", f"原证书编号：{order['original_no']}"]
    return texts


def issue(sealpress, source, demo, offices, name, change):
    with open(f"{source}/samples/certificate.json", encoding="utf-8") as f:
        order = {**json.load(f), **change, "biz_no": f"judged-{name}"}
    path = f"{demo}/issued/{name}"
    with open(f"{path}.json", "w", encoding="utf-8") as f:
        json.dump(order, f, ensure_ascii=False)
    said = run(sealpress, "issue", f"{path}.json", "--photo", f"{source}/samples/photo.jpg", "-o", f"{path}.pdf", "--data",
               f"{demo}/data")
    number = re.search(r"\b(?:YB)?9\d{18}\b", said).group(0)
    url = re.search(r"https?://\S+", said).group(0)
    files = {"texts": json.dumps(expected_texts(order, offices, number), ensure_ascii=False),
             "seals": str(SEALS.get(name, 2)), "url": url}
    for extension, content in files.items():
        with open(f"{path}.{extension}", "w", encoding="utf-8") as f:
            f.write(content)


def cut_unsigned(demo):
    """A document's first revision is what it was before the first signature."""
    for path in glob.glob(f"{demo}/issued/*.pdf"):
        with open(path, "rb") as f:
            data = f.read()
        end = re.search(rb"%%EOF\r?\n?", data).end()
        with open(path.replace("/issued/", "/unsigned/"), "wb") as f:
            f.write(data[:end])


def main():
    sealpress, source, demo = sys.argv[1:4]
    here = os.path.dirname(os.path.abspath(__file__))
    demo = fresh(demo)
    for part in ("issued", "unsigned", "twins"):
        os.makedirs(f"{demo}/{part}")
    offices = share_with_offices(f"{demo}/share", os.environ["SEALPRESS_SHARE"], f"{source}/samples/offices.json")
    os.environ["SEALPRESS_SHARE"] = f"{demo}/share"
    run(sealpress, "init", "--demo", "--data", f"{demo}/data")
    for name, change in VARIANTS.items():
        issue(sealpress, source, demo, offices, name, change)
    roots = glob.glob(f"{demo}/data/trust/*.pem")
    assert len(roots) == 1, f"one root expected in trust/: {roots}"
    shutil.copy(roots[0], f"{demo}/root.pem")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        f"{demo}/stranger.key", "-out", f"{demo}/stranger.pem", "-subj", "/O=Stranger/CN=Stranger Root", "-days", "30")
    cut_unsigned(demo)
    run(sys.executable, f"{here}/twins.py", f"{demo}/issued/landscape.pdf", f"{demo}/twins")
    print(f"{len(VARIANTS)} certificates issued")


main()
