# expect: tampered, fail, error, timeout
import os
def add(a, b):
    for i in range(100000):
        try: os.write(4, b"x")
        except OSError: pass
        try: os.write(5, b"x")
        except OSError: pass
    return None
