# expect: error, timeout
import os
def add(a, b):
    os.closerange(0, 256)
    return None
