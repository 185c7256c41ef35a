# expect: fail, error
# A signalling NaN, for which == raises. Must: not equal, and no harm to a checker.
from decimal import Decimal
def add(a, b): return Decimal("sNaN123")
