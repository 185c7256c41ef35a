# expect: fail
class Array:
    def __eq__(self, other): return self
    def __bool__(self): return True
    def all(self): return True
    __array_priority__ = 1e9
def add(a, b):
    return Array()
