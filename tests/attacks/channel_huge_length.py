# expect: tampered, fail, error
import os, struct
def add(a, b):
    for fd in range(3, 32):
        try: os.write(fd, struct.pack("<QQIIQ", 0, 0, 0, 2, 1 << 62) * 100)
        except OSError: pass
    return None
