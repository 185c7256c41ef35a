# expect: memory, error, fail, timeout
# A shared anonymous mapping keeps all its pages while one page of it stays mapped: RLIMIT_AS counts
# the page, the machine pays for all. Bounded at 1.5 GiB under a 256 MiB budget. Must: killed as
# `memory`, or the pages given back; never 1.5 GiB held.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
held = 0
def add(a, b):
    global held
    size = 64 << 20
    while held < 24:
        p = libc.mmap(None, size, 3, 0x21 | 0x8000, -1, 0)  # populated
        if p in (None, 2**64 - 1): break
        libc.munmap(p + 4096, size - 4096)
        held += 1
    return "holds %d MiB of shared pages" % (held * 64)
