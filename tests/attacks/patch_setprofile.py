# expect: fail
import sys
sys.setprofile(lambda f, e, a: None)

def add(a, b):
    return a - b
