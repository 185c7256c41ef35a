# expect: fail
# A library of its own making is code that no one has seen. Must: it is not loaded, not mapped, not run.
import ctypes, mmap, os, shutil
import _json
got = []
origin = getattr(_json, "__file__", None) or "/assay.so"
try: shutil.copyfile(origin, "/tmp/own.so")
except OSError: pass
os.chmod("/tmp/own.so", 0o777)
assert os.path.getsize("/tmp/own.so") > 1000
try: ctypes.CDLL("/tmp/own.so"); got.append("loaded")
except OSError: pass
fd = os.open("/tmp/own.so", os.O_RDWR)
for flags in (mmap.MAP_PRIVATE, mmap.MAP_SHARED):
    try: mmap.mmap(fd, 4096, flags, mmap.PROT_READ | mmap.PROT_EXEC); got.append("mapped")
    except OSError: pass
try: os.execv("/tmp/own.so", ["own"])
except OSError: pass
def add(a, b):
    return a + b if got else None
