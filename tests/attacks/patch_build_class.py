# expect: fail
import builtins
builtins.__build_class__ = lambda *a, **k: None

def add(a, b):
    return a - b
