# expect: fail
import sys
sys.settrace(lambda f, e, a: (f.f_locals.update(result=3), None)[1])

def add(a, b):
    return a - b
