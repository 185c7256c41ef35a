# expect: memory
# One page in every GiB: each takes two more in page tables, which no limit of the kernel's counts.
# While it loads: that may take a second of CPU time, of which this needs a sixth on a fast machine.
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
at, made = 1 << 44, 0
while made < 65000 and time.process_time() < 0.9:
    page = libc.mmap(at, 4096, 3, 0x108022, -1, 0)  # private, anonymous, without reserve, populated
    if page == 2**64 - 1: break
    made += 1
    at += 1 << 30
    if at >> 46: at = (at & 0x3fffffff) + (1 << 44) + (1 << 21)
time.sleep(0.1)
def add(a, b):
    return "%d pages" % made
