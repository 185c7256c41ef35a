# expect: fail, error, memory, timeout
# Ranges longer than anything, and one of numbers of a megabyte: their length must not be worked out at any cost.
def add(a, b): return range(1 << 8000000) if a % 2 else range(-(1 << 70000), 1 << 70001, (1 << 35000) + 1)
