# expect: fail, timeout
# Iterators without an end, and one that is slow to give each item.
import itertools
def slow():
    while True: yield sum(range(1000))
def add(a, b): return [itertools.count(), slow(), iter(int, 1), itertools.cycle([3])][a % 4]
