# expect: fail
import builtins
builtins.compile = builtins.exec = builtins.eval = lambda *a, **k: None

def add(a, b):
    return a - b
