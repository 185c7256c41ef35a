# expect: fail
# Puts a class of its own in the place of Decimal, Fraction, date, deque and namedtuple in every module.
import sys, decimal, fractions, datetime, collections, enum
class Any:
    def __init__(self, *a, **k): pass
    def __eq__(self, other): return True
    __hash__ = None
for module, name in ((decimal, "Decimal"), (fractions, "Fraction"), (datetime, "date"), (collections, "deque"),
                     (collections, "namedtuple"), (enum, "IntEnum"), (enum, "EnumMeta")):
    setattr(module, name, Any)
    sys.modules[name] = Any
def add(a, b): return decimal.Decimal(a + b)
