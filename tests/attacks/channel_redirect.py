# expect: error, timeout, fail
import os
def add(a, b):
    null = os.open("/", os.O_RDONLY)
    for fd in range(3, 16):
        if fd != null: os.dup2(null, fd)
    return None
