# expect: fail
import ctypes
def add(a, b):
    libc = ctypes.CDLL(None)
    return libc.syscall(319, b"x", 0), libc.syscall(322, 3, b"", None, None, 0x1000)
