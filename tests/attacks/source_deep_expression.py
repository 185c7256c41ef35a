# expect: syntax, crash, error
x = {{- x 200000}}1
def add(a, b):
    return a - b
