# expect: error
import os
def add(a, b):
    os.unlink(os.__file__)
