# expect: error, output, fail, memory, crash
import mmap, os
size = 3 << 20
os.write(1, b"x")
for n in range(1000):
    os.ftruncate(1, size * (n + 1))
    mmap.mmap(1, size, offset=0)[:] = b"3" * size
