# expect: fail
import sys
class F:
    def find_spec(self, *a): raise SystemExit(0)
sys.meta_path.insert(0, F())

def add(a, b):
    return a - b
