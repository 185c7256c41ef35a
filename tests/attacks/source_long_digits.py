# expect: syntax
x = {{9 x 500000}}
def add(a, b):
    return a - b
