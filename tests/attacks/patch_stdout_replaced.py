# expect: fail
import sys
class Out:
    def write(self, s): raise SystemExit
    flush = write
sys.stdout = sys.stderr = Out()

def add(a, b):
    return a - b
