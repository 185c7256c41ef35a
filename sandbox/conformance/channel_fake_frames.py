# expect: tampered, fail, error
import os, struct
def add(a, b):
    for fd in range(3, 32):
        for kind in (2, 4):
            try: os.write(fd, struct.pack("<QQIIQ", 0, 0, 0, kind, 0))
            except OSError: pass
    return None
