# expect: memory
# One page in every GiB: each takes two more in page tables, which no limit of the kernel's counts.
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
at, made = 1 << 44, 0
def add(a, b):
    global at, made
    end = time.process_time() + 0.3
    while made < 65000 and time.process_time() < end:
        page = libc.mmap(at, 4096, 3, 0x100022, -1, 0)
        if page == 2**64 - 1: break
        ctypes.memset(page, 1, 1)
        made += 1
        at += 1 << 30
        if at >> 46: at = (at & 0x3fffffff) + (1 << 44) + (1 << 21)
    time.sleep(0.1)
    return "%d pages" % made
