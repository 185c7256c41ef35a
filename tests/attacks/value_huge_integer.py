# expect: output, memory, fail
def add(a, b):
    return 1 << (1 << 28)
