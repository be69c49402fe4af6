"""Archives of ours as others read them: unzip, 7z and Python's zipfile agree that they are whole, and on their names;
beyond 4 GiB and beyond 65,535 entries, too. Damaged twins are noticed by each. Usage: zip.py ZIP_SAMPLE"""
import os
import subprocess
import sys
import tempfile
import zipfile

program = sys.argv[1]
wrong = 0
NAMES = ["34250001_张三.pdf", "34250002_王𬍛.pdf", "34250002_王𬍛 (2).pdf", "YB3425·买买提.pdf", "第三方33_䶮.pdf",
         "manifest.csv", "SHA256SUMS"]
LARGE = ["first.pdf", "huge.bin", "behind_王𬍛.pdf"]
environment = {**os.environ, "LC_ALL": "C.UTF-8"}


def run(*command):
    return subprocess.run(command, capture_output=True, env=environment, timeout=500)


def unzip_whole(path):
    return run("unzip", "-tqq", path).returncode == 0


def seven_whole(path):
    return run("7z", "t", "-bd", path).returncode == 0


def python_whole(path):
    try:
        with zipfile.ZipFile(path) as z:
            return z.testzip() is None
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        return False


def unzip_names(path):
    return run("unzip", "-Z1", path).stdout.decode().splitlines()


def seven_names(path):
    lines = run("7z", "l", "-slt", "-ba", path).stdout.decode().splitlines()
    return [line[7:] for line in lines if line.startswith("Path = ")]


def python_names(path):
    with zipfile.ZipFile(path) as z:
        for info in z.infolist():
            check(info.flag_bits & 0x800 and info.compress_type == 0, f"{info.filename} is flagged UTF-8 and stored")
            check(info.date_time == (2026, 1, 15, 16, 30, 0), f"{info.filename} has its time")
            check(info.external_attr >> 16 == 0o100644, f"{info.filename} has its mode")
        return z.namelist()


def check(fine, what):
    global wrong
    if not fine:
        print("NOT SO:", what)
        wrong += 1


judges = {"unzip": (unzip_whole, unzip_names), "7z": (seven_whole, seven_names),
          "zipfile": (python_whole, python_names)}
with tempfile.TemporaryDirectory() as work:
    for kind, names in (("names", NAMES), ("many", [f"{i:06}.pdf" for i in range(70000)]), ("large", LARGE)):
        path = os.path.join(work, kind + ".zip")
        subprocess.run([program, kind, path], check=True)
        for judge, (whole, listed) in judges.items():
            check(whole(path), f"{judge} finds {kind}.zip whole")
            check(sorted(listed(path)) == sorted(names), f"{judge} finds the names of {kind}.zip")
        print(f"{kind}.zip: {os.path.getsize(path)} bytes, {os.stat(path).st_blocks * 512} on disk")
    with open(os.path.join(work, "names.zip"), "rb") as file:
        good = file.read()
    for twin, content in (("cut", good[:-30]), ("flipped", good[:3000] + bytes([good[3000] ^ 1]) + good[3001:])):
        path = os.path.join(work, twin + ".zip")
        with open(path, "wb") as file:
            file.write(content)
        for judge, (whole, _) in judges.items():
            check(not whole(path), f"{judge} notices {twin}.zip")
print("archives judged by", ", ".join(judges), "-", wrong, "wrong")
sys.exit(1 if wrong else 0)
