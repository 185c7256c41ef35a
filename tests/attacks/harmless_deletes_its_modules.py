# expect: pass
import sys
for name in list(sys.modules):
    if name not in ('sys', 'builtins'): del sys.modules[name]

def add(a, b):
    return a + b
