# expect: crash, timeout, error
import ctypes
@ctypes.CFUNCTYPE(None, ctypes.c_int)
def handler(number):
    while True: pass
def add(a, b):
    ctypes.CDLL(None).signal(11, handler)
    return ctypes.string_at(0)
