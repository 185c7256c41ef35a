# expect: fail, error, tampered
import os
def add(a, b):
    for fd in range(3, 32):
        try:
            data = os.pread(fd, 65536, 0)
            if b"assert" in data: return 3
        except OSError: pass
    return None
