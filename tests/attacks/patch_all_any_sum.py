# expect: fail
import builtins
builtins.all = builtins.any = builtins.isinstance = builtins.abs = lambda *a, **k: True

def add(a, b):
    return a - b
