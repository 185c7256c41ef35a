# expect: fail
import ctypes
def add(a, b):
    libc = ctypes.CDLL(None)
    return [libc.syscall(310, 1, 0, 0, 0, 0, 0), libc.syscall(311, 1, 0, 0, 0, 0, 0)]
