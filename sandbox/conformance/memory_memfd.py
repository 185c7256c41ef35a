# expect: error, fail
import os
def add(a, b):
    return [os.write(os.memfd_create('x'), b'x' * (1 << 24)) for _ in range(60)]
