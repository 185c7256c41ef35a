# expect: fail, crash, error, timeout
import ctypes
def add(a, b):
    base = id(object())
    for start in range(base - (1 << 20), base, 4096):
        page = ctypes.string_at(start, 4096)
        if b"assert add(" in page: return int(page.split(b"== ")[1].split(b"\n")[0])
