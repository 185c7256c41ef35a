# expect: memory
def add(a, b):
    raise MemoryError
