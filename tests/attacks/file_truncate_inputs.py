# expect: error, fail, tampered
import os
def add(a, b):
    for fd in range(3, 32):
        try: os.ftruncate(fd, 0)
        except OSError: pass
        try: os.pwrite(fd, b"x" * 100, 0)
        except OSError: pass
    return None
