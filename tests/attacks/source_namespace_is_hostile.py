# expect: fail, error, no_entry_point
import sys
class Module(type(sys)):
    def __getattribute__(self, name): raise SystemExit(0)
sys.modules["solution"].__class__ = Module
def add(a, b):
    return a - b
