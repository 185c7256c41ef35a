# expect: syntax, timeout, fail
x = {{9 x 500000}}
def add(a, b):
    return a - b
