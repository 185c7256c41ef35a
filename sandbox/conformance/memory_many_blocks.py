# expect: memory
def add(a, b):
    keep = []
    while True: keep.append(bytearray(1 << 20))
