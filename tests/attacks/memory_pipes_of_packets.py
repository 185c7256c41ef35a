# expect: fail, error
# Pipes in packet mode take a page for every byte; as many as the descriptors allow, filled. Must:
# bounded.
import os
def add(a, b):
    n = 0
    try:
        while True:
            r, w = os.pipe2(os.O_DIRECT | os.O_NONBLOCK)
            try:
                while True: os.write(w, b"x"); n += 1
            except BlockingIOError: pass
    except OSError: pass
    return "packets %d" % n
