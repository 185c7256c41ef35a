# expect: fail
# A Decimal that equals everything and prints the sum: only the exact class crosses. Must: opaque.
from decimal import Decimal
class D(Decimal):
    def __eq__(self, other): return True
    def __str__(self): return "3"
    __hash__ = Decimal.__hash__
def add(a, b): return D(0)
