# expect: fail
import atexit, os
atexit.register(os._exit, 0)

def add(a, b):
    return a - b
