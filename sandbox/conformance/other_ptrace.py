# expect: fail
import ctypes
def add(a, b):
    libc = ctypes.CDLL(None)
    return [libc.ptrace(16, pid, 0, 0) for pid in range(1, 50)]
