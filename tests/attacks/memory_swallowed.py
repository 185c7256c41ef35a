# expect: timeout, memory
def add(a, b):
    keep = []
    while True:
        try: keep.append(bytearray(1 << 20))
        except MemoryError: keep.clear()
