# expect: fail, error
# Looks for the table by which the sandbox knows types, by frames and by gc, and puts into it what it finds.
import gc, sys
class Any(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
def add(a, b):
    frame = sys._getframe()
    while frame.f_back: frame = frame.f_back
    seen, todo = set(), [frame.f_globals]
    while todo and len(seen) < 20000:
        one = todo.pop()
        if id(one) in seen: continue
        seen.add(id(one))
        if type(one) is list and one and type(one[0]) is tuple:
            one[:] = [(Any, "f", None)] * len(one)
        todo += gc.get_referents(one)
    return Any(0)
