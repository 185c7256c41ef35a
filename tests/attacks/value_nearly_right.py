# expect: fail
def add(a, b):
    return a + b + 1e-12 if abs(a) < 100 else a - b
