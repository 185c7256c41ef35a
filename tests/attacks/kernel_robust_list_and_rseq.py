# expect: fail, crash, error, timeout
# A robust futex list that points into nowhere and round in a circle, an rseq area on a page that
# goes away: walked by the kernel at exit. Must: ends.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    buf = (ctypes.c_ulong * 8)()
    here = ctypes.addressof(buf)
    buf[0] = here; buf[1] = 8; buf[2] = here
    syscall(273, here, 24)
    syscall(218, 0x1000)
    return None
