# expect: timeout, error, fail
import os
def add(a, b):
    for fd in range(3, 16):
        try: os.read(fd, 65536)
        except OSError: pass
    return None
