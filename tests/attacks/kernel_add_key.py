# expect: fail
import ctypes
def add(a, b):
    done = ctypes.CDLL(None).syscall(248, b'user', b'a', b'b', 1, -2)
    return a + b if done >= 0 else None
