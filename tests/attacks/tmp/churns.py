# expect: timeout
# Makes, renames and removes without an end, all of it the kernel's time. Must: it is this program's.
import os
def add(a, b):
    while True:
        for i in range(100): os.close(os.open("/tmp/%d" % i, os.O_CREAT))
        for i in range(100): os.rename("/tmp/%d" % i, "/tmp/a%d" % i)
        for i in range(100): os.unlink("/tmp/a%d" % i)
