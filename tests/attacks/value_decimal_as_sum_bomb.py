# expect: fail
# One huge Decimal where an int is expected: the comparison must not raise ten to it.
from decimal import Decimal
def add(a, b): return Decimal(f"{a + b}E+999999999")
