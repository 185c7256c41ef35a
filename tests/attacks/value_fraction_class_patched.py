# expect: fail
# Fraction's own class is Python and may be changed: == always true, numerator a lie. Must: the parts decide.
import fractions
fractions.Fraction.__eq__ = lambda self, other: True
fractions.Fraction.numerator = property(lambda self: 3)
fractions.Fraction.__hash__ = lambda self: 0
def add(a, b): return fractions.Fraction(1, 7)
