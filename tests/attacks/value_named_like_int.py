# expect: fail
class int:
    __module__ = "builtins"
    __qualname__ = "int"
    def __eq__(self, other): return True
int.__name__ = "int"
def add(a, b):
    return int()
