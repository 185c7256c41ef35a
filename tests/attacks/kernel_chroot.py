# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(161, b'/')
    return a + b if done >= 0 else None
