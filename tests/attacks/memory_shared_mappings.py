# expect: memory, error
import mmap
def add(a, b):
    return [mmap.mmap(-1, 1 << 30) for _ in range(64)]
