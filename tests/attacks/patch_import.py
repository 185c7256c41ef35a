# expect: fail
import builtins
real = builtins.__import__
builtins.__import__ = lambda *a, **k: real('sys')

def add(a, b):
    return a - b
