# Run once per interpreter, outside the jail and never beside a program: prints as JSON what the jail
# must show of the file system so that this interpreter works there, and what identifies it.
# argv: names of packages.
import hashlib, importlib, json, os, struct, sys, sysconfig

answer = os.dup(1)
os.dup2(2, 1)  # a package may print while it is imported


def elf_interpreter(path):
    with open(path, "rb") as f:
        head = f.read(64)
        if head[:5] != b"\x7fELF\x02":
            return None
        offset, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        for i in range(count):
            f.seek(offset + i * size)
            kind, _, at, _, _, length = struct.unpack("<IIQQQQ", f.read(40))
            if kind == 3:
                f.seek(at)
                return f.read(length).rstrip(b"\0").decode()


links = {}


def follow(path):
    """Notes every symbolic link on the way to `path`; returns where it ends."""
    done = "/"
    rest = [p for p in path.split("/") if p]
    while rest:
        part = rest.pop(0)
        if part == "..":
            done = os.path.dirname(done)
            continue
        here = os.path.join(done, part)
        if os.path.islink(here):
            target = os.readlink(here)
            links[here] = target
            if target.startswith("/"):
                done = "/"
            rest = [p for p in target.split("/") if p and p != "."] + rest
        else:
            done = here
    return done


def library_hash(root):
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders
                            if f not in ("__pycache__", "site-packages", "dist-packages", "test"))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if name.endswith((".py", ".so")) and os.path.isfile(path):
                digest.update(("%s %d\n" % (os.path.relpath(path, root),
                                            os.path.getsize(path))).encode())
    return digest.hexdigest()


skipped = ("_test", "_xx", "xx", "_tkinter", "readline", "_curses", "_dbm", "_gdbm", "nis", "ossaudio",
           "_ctypes_test")
stdlib = [os.path.realpath(sysconfig.get_path(k)) for k in ("stdlib", "platstdlib")]
dynload = [p for p in sys.path if p.endswith("lib-dynload")]
for folder in dynload:
    for name in sorted(os.listdir(folder)):
        module = name.split(".")[0]
        if not module.startswith(skipped):
            try:
                importlib.import_module(module)
            except Exception:
                pass
try:
    import ctypes
    ctypes.CDLL("libgcc_s.so.1")  # glibc opens it by name when a thread is ended
except (ImportError, OSError):
    pass
refused = []  # packages, each with the reason
package_paths = []
package_versions = []
library = set(sys.builtin_module_names) | set(getattr(sys, "stdlib_module_names", ()))
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as e:  # a package may do anything, and exit
        why = ("%s: %s" % (type(e).__name__, e))[:300].encode("utf-8", "backslashreplace").decode()
        refused.append("%s cannot be imported: %s" % (name, why))
        continue
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "") + "/"
    where = os.path.dirname(os.path.abspath(file))
    # A namespace package's path ends in its own name, as an ordinary one's file stands in it.
    where = os.path.dirname(where) if hasattr(module, "__path__") else where
    if name.split(".")[0] in library or file == "/" or os.path.realpath(where) in stdlib + dynload:
        refused.append("%s belongs to the standard library, which programs may import anyway: leave it out" % name)
        continue
    if where not in package_paths:
        package_paths.append(where)
    package_versions.append("%s %s" % (name, getattr(module, "__version__", "?")))

executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
directories = []
for path in stdlib + [os.path.realpath(p) for p in dynload + package_paths]:
    if not any(path == d or path.startswith(d + "/") for d in directories):
        directories.append(path)
masks = []
for root in directories:
    for name in ("site-packages", "dist-packages"):
        path = os.path.join(root, name)
        if os.path.isdir(path) and not any(p == path or p.startswith(path + "/")
                                           for p in package_paths):
            masks.append(path)

files = {executable}
with open("/proc/self/maps") as maps:
    for line in maps:
        parts = line.rstrip("\n").split(None, 5)
        if len(parts) == 6 and parts[5].startswith("/") and os.path.isfile(parts[5]):
            files.add(parts[5])
files = sorted(f for f in files if not any(f.startswith(d + "/") for d in directories))
# A library is asked for by the name of a link, in its own folder or, by way of /etc/alternatives, above.
libraries = {f for f in files if ".so" in os.path.basename(f)}
folders = {os.path.dirname(f) for f in libraries}
for folder in sorted(folders | {os.path.dirname(f) for f in folders}):
    for name in os.listdir(folder):
        other = os.path.join(folder, name)
        if ".so" in name and os.path.islink(other) and os.path.realpath(other) in libraries:
            follow(other)
loader = elf_interpreter(executable)
if loader:
    files.append(follow(loader))
for top in ("/lib", "/lib64", "/lib32"):
    if os.path.islink(top):
        links[top] = os.readlink(top)
if os.path.exists("/etc/ld.so.cache"):
    files.append("/etc/ld.so.cache")

account = json.dumps({
    "executable": executable, "version": sys.version.split()[0],
    "implementation": sys.implementation.name, "version_number": sys.hexversion >> 16,
    "library_hash": library_hash(stdlib[0]), "directories": directories, "masks": masks,
    "files": sorted(set(files)), "links": links, "package_paths": package_paths,
    "package_versions": sorted(package_versions), "refused": refused})
with open(answer, "w") as out:
    out.write(account)
