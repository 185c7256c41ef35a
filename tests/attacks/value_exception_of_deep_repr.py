# expect: error, crash, memory, timeout
# An exception whose text is the repr of a list a million deep, with the recursion limit lifted.
# Must: error or its own crash.
import sys
def add(a, b):
    sys.setrecursionlimit(10**9)
    x = []
    for _ in range(10**6): x = [x]
    raise ValueError(x)
