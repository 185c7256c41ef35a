# expect: fail
import os
def add(a, b):
    seen = []
    for fd in range(3, 32):
        try: seen.append(os.fstat(fd).st_size)
        except OSError: pass
    return seen
