# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(155, b'/', b'/')
    return a + b if done >= 0 else None
