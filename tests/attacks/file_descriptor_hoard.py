# expect: error
import os
def add(a, b):
    return [os.open('/', 0) for _ in range(10000)]
