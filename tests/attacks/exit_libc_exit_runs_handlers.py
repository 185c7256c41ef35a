# expect: error
import ctypes, atexit
atexit.register(print, 'passed')
def add(a, b):
    ctypes.CDLL(None).exit(0)
