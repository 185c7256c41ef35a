# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(144, 0, 1, (ctypes.c_int * 1)(99))
    return a + b if done >= 0 else None
