# expect: fail, output, error, memory
# Iterators within iterators, deeper than the codec goes, and wider than a reply.
def deep(n): yield deep(n + 1)
def wide(n): return (wide(n - 1) for _ in range(1000)) if n else iter(())
def add(a, b): return deep(0) if a == 1 else wide(3)
