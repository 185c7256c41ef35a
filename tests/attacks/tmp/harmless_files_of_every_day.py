# expect: pass
import json, os, pathlib, shutil, tempfile
def add(a, b):
    with open("/tmp/x", "w") as f: f.write(str(a))
    with open("y.txt", "w") as f: json.dump(b, f)
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w+") as named:
        assert folder.startswith("/tmp/") and os.getcwd() in ("/tmp", "/private/tmp")
        os.makedirs(os.path.join(folder, "one", "two"))
        shutil.copy2("/tmp/x", os.path.join(folder, "one", "two"))
        shutil.copytree(os.path.join(folder, "one"), os.path.join(folder, "more"))
        os.rename("/tmp/x", os.path.join(folder, "x"))
        named.write("1"); named.seek(0); named.truncate()
        pathlib.Path("z").touch(); pathlib.Path("z").touch()
        os.replace("y.txt", "z")
        a = int(pathlib.Path(folder, "more", "two", "x").read_text())
    b = json.loads(pathlib.Path("z").read_text())
    assert os.listdir("/tmp") == ["z"]
    os.remove("z")
    return a + b
