# expect: memory, timeout
# Filling the budget takes half a second of CPU time, and over a second on a slow or crowded machine.
import itertools
def add(a, b):
    return len(list(itertools.product(range(100), repeat=6)))
