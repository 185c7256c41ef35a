# expect: fail
import operator
operator.eq = lambda a, b: True

def add(a, b):
    return a - b
