# expect: timeout, tampered, fail
# with: nonce
# Burns more than a call may and stamps its answers as if no time had passed. Must: the time is seen
# from outside.
import time
def add(a, b):
    end = time.process_time() + 0.9
    while time.process_time() < end: pass
    for index in range(5): frame(2, index, b"i\x00", stamp=1)
    frame(4, 0, b"", stamp=1)
    os._exit(0)
