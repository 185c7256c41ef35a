# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(151, 3)
    return a + b if done >= 0 else None
