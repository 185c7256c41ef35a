# expect: fail
import sys
sys.excepthook = sys.unraisablehook = lambda *a: None

def add(a, b):
    return a - b
