# expect: fail, timeout, memory, output, syntax, error
# Constants that fold to giants: powers, shifts, repeated strings and tuples, in a chain. Must:
# bounded at compile time.
A = (1 << 4000) * (1 << 4000) * (1 << 4000)
B = ("x" * 4096) * 4096 * 4096
def add(a, b): return ((((1,) * 4096) * 4096) * 64, 2 ** 10 ** 6 ** 1)
