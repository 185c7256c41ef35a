# expect: error, timeout
import os, time
def add(a, b):
    os.closerange(0, 256)
    time.sleep(100)
