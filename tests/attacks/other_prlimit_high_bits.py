# expect: fail, timeout
# A limit's number is 32 bits to the kernel: high bits once slipped RLIMIT_CPU past the filter, and death by that limit
# was taken for a fault of ours, so that the wrong program fell out of every rate.
import ctypes
libc = ctypes.CDLL(None)
def add(a, b):
    limits = (ctypes.c_uint64 * 2)(0, 0)
    if libc.syscall(ctypes.c_long(302), ctypes.c_long(0), ctypes.c_long(1 << 32), limits, ctypes.c_long(0)) == 0:
        while True: pass
    return None
