# expect: fail
def add(a, b):
    yield a + b
