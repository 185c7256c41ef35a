# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(135, 0x40000)
    return a + b if done >= 0 else None
