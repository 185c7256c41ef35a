# expect: fail
def add(a, b):
    return lambda *a: True
