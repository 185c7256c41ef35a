# expect: fail
# A named tuple whose class overrides __iter__, __getitem__, __len__ and ==. Must: its items as they lie, or opaque.
from collections import namedtuple
class P(namedtuple("P", "a b")):
    def __iter__(self): return iter((3, 3))
    def __getitem__(self, i): return 3
    def __len__(self): return 1
    def __eq__(self, other): return True
    __hash__ = None
def add(a, b): return P(a, b)
