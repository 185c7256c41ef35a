# expect: timeout, error, fail, tampered
import os
def add(a, b):
    while True:
        for fd in range(3, 16):
            try: os.write(fd, b"r")
            except OSError: pass
