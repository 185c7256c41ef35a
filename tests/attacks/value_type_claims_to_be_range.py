# expect: fail
# A class that says by __class__, by name and by its metaclass's == and hash that it is range, with the members a range
# has. Must: opaque.
class Meta(type):
    def __eq__(self, other): return True
    def __hash__(self): return hash(range)
    def __instancecheck__(self, other): return True
class Lie(metaclass=Meta):
    __class__ = range
    start, stop, step = 0, 3, 1
    def __eq__(self, other): return True
Lie.__name__ = Lie.__qualname__ = "range"
Lie.__module__ = "builtins"
def add(a, b): return Lie()
