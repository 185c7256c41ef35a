# expect: error, fail
import os
def add(a, b):
    return os.posix_spawn('/bin/sh', ['sh'], {})
