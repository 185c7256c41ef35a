# expect: fail
import sys
for name in ('math', 'collections', 'builtins', 'operator'):
    sys.modules[name] = sys

def add(a, b):
    return a - b
