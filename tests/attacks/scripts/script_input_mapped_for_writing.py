# expect: pass
import mmap, os
a, b = map(int, os.pread(0, 100, 0).split())
try:
    mmap.mmap(0, 4, access=mmap.ACCESS_WRITE)[:3] = b"9 9"
except (OSError, ValueError):
    print(a + b)
