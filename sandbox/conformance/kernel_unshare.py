# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(272, 0x10000000)
    return a + b if done >= 0 else None
