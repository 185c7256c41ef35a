# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(321, 0, 0, 0)
    return a + b if done >= 0 else None
