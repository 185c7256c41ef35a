# expect: fail
import os
def add(a, b):
    return os.system('kill -9 1')
