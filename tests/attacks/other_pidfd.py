# expect: fail
import ctypes
def add(a, b):
    libc = ctypes.CDLL(None)
    return [libc.syscall(434, 1, 0), libc.syscall(438, 3, 3, 0)]
