# expect: memory
import itertools
def add(a, b):
    return len(list(itertools.product(range(100), repeat=6)))
