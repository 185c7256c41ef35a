# expect: fail, error
class Meta(type):
    def __eq__(self, other): return True
    def __hash__(self): return hash(int)
    @property
    def __class__(self): return type
    def __instancecheck__(self, other): return True
class Same(metaclass=Meta):
    __class__ = int
    def __eq__(self, other): return True
def add(a, b):
    return Same()
