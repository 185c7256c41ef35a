# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(68, 0, 0o1777)
    return a + b if done >= 0 else None
