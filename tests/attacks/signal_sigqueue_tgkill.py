# expect: fail
import ctypes, os
def add(a, b):
    libc = ctypes.CDLL(None)
    return [libc.syscall(129, 1, 9, 0), libc.syscall(297, 1, 1, 9, 0), libc.syscall(424, 3, 9, 0, 0)]
