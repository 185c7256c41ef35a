# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(165, b'x', b'/', b'tmpfs', 0, 0)
    return a + b if done >= 0 else None
