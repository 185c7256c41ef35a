# expect: fail
import sys
sys.modules['__main__'].__dict__.update(passed=True, result=['passed'], expected=None)

def add(a, b):
    return a - b
