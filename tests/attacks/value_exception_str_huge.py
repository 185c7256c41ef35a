# expect: error, memory
class E(Exception):
    def __str__(self): return "x" * (40 << 20)
def add(a, b):
    raise E
