# expect: output, memory
def add(a, b):
    return b'x' * (64 << 20)
