# expect: error, fail
import os, fcntl
def add(a, b):
    for _ in range(1000):
        r, w = os.pipe()
        os.set_blocking(w, False)
        while True:
            try: os.write(w, b"x" * 65536)
            except BlockingIOError: break
