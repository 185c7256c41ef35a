# expect: error
import ctypes; ctypes.CDLL(None)._exit(0)
def add(a, b):
    return a - b
