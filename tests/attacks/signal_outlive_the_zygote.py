# expect: fail
import ctypes
def add(a, b):
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    return None
