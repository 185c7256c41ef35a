# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(170, b'x', 1)
    return a + b if done >= 0 else None
