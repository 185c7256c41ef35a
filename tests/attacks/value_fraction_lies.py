# expect: fail, error, tampered
# A real Fraction whose hidden parts are objects that equal everything; then with a denominator of 0, and negative.
from fractions import Fraction
class Any(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
def add(a, b):
    f = Fraction(1, 2)
    f._numerator, f._denominator = {1: (Any(7), 1), 2: (0, 0)}.get(a, (a + b, -1))
    return f
