# expect: fail
import builtins
builtins.len = lambda x: 0
builtins.sorted = lambda *a, **k: []

def add(a, b):
    return a - b
