# expect: fail
class Late:
    pass
def add(a, b):
    x = Late()
    x.__class__ = type("int", (Late,), {"__eq__": lambda *a: True})
    return x
