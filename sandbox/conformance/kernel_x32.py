# expect: crash
import ctypes
def add(a, b):
    return ctypes.CDLL(None).syscall(0x40000000 + 39)
