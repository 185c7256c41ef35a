# expect: fail
import builtins
builtins.AssertionError = type('A', (BaseException,), {})

def add(a, b):
    return a - b
