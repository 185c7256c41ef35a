# expect: fail, timeout, output
# A set of one frozenset nested 190 deep around a megabyte of text: canonical forms are copied at
# each depth. Must: little time of the supervisor's.
def add(a, b):
    x = "x" * 1000000
    for _ in range(190): x = frozenset([x])
    return {x}
