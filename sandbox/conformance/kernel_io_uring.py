# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(425, 8, 0)
    return a + b if done >= 0 else None
