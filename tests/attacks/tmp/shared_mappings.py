# expect: fail
# Pages of a file that several mappings share are nobody's account, and outlive a close.
import mmap, os
fd = os.open("/tmp/x", os.O_RDWR | os.O_CREAT)
os.write(fd, b"x" * 4096)
got = []
for flags in (mmap.MAP_SHARED, 3, mmap.MAP_SHARED | 0x40000):
    try: mmap.mmap(fd, 4096, flags); got.append(flags)
    except (OSError, ValueError): pass
def add(a, b):
    return a + b if got else None
