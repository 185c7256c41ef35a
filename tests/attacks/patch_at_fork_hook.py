# expect: fail
import os
os.register_at_fork(before=lambda: os._exit(0), after_in_child=lambda: os._exit(0))

def add(a, b):
    return a - b
