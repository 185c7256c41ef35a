# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(203, 0, 8, (ctypes.c_ulong * 1)(3))
    return a + b if done >= 0 else None
