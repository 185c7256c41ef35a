# expect: memory
def add(a, b):
    return len(bytearray(1 << 40))
