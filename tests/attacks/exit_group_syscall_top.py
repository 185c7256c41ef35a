# expect: error
import ctypes; ctypes.CDLL(None).syscall(231, 0)
def add(a, b):
    return a - b
