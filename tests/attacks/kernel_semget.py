# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(64, 0, 1, 0o1777)
    return a + b if done >= 0 else None
