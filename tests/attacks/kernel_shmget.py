# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(29, 0, 4096, 0o1777)
    return a + b if done >= 0 else None
