# expect: fail, error, timeout, crash
# Reads the arguments of all later calls before the first answer, and looks beside them for answers.
# What it learns is what it is given anyway. Must: nothing but arguments there.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import struct
libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
MAGIC = struct.pack("<Q", 0x7961737361696e70)
def is_mapped(p):
    v = ctypes.create_string_buffer(1)
    return libc.mincore(p, 4096, v) == 0
def candidates():
    # mmap areas lie below the place where a new mapping lands
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
    here = libc.mmap(None, 4096, 3, 0x22, -1, 0)
    for i in range(-6000, 30000):
        yield here + i * 4096
def find():
    for p in candidates():
        if is_mapped(p):
            try: head = ctypes.string_at(p, 8)
            except Exception: continue
            if head == MAGIC: return p
    return None

def add(a, b):
    p = find()
    if p is None: return "not found"
    count = struct.unpack("<Q", ctypes.string_at(p + 8, 8))[0]
    offsets = struct.unpack("<%dQ" % (count + 1), ctypes.string_at(p + 16, 8 * (count + 1)))
    rest = ctypes.string_at(p + offsets[-1], 4096 - offsets[-1] % 4096)
    return "%d calls, beyond them %r" % (count, rest.strip(b"\0")[:50])
