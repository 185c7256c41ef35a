# expect: fail, error
# An IntEnum with == always true; another whose _name_ and _value_ lie; a metaclass below EnumMeta that equals it.
import enum
class Meta(enum.EnumMeta):
    def __eq__(self, other): return True
    __hash__ = enum.EnumMeta.__hash__
class A(enum.IntEnum):
    X = 1000
    def __eq__(self, other): return True
    __hash__ = int.__hash__
class B(enum.IntEnum):
    X = 1000
class C(int, metaclass=Meta): pass
object.__setattr__(B.X, "_value_", 3)
object.__setattr__(B.X, "_name_", "X: 3>, 3")
def add(a, b): return [A.X, B.X, C(1000)][a % 3]
