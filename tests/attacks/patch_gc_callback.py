# expect: fail
import gc
gc.callbacks.append(lambda *a: 1 / 0)

def add(a, b):
    return a - b
