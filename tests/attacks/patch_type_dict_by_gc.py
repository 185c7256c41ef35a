# expect: fail, error, crash
import gc
def add(a, b):
    space = [d for d in gc.get_referents(int.__dict__) if isinstance(d, dict)][0]
    space["__eq__"] = lambda *a: True
    return 0
