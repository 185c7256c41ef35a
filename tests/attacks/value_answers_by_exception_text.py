# expect: error
def add(a, b):
    raise ValueError(a + b)
