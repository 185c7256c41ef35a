# expect: tampered, fail, error, output
import os
def add(a, b):
    for fd in range(32):
        try: os.write(fd, b"PASS\n" * 20)
        except OSError: pass
    return None
