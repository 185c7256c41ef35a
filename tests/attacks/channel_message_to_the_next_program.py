# expect: fail
# Leaves a mark in any writable shared file mapping and looks for one from an earlier program: a
# pass in the second judging means that something outlived the run. Must: fail both times.
import mmap, os
MARK = b"ASSAY-LEFT-BEHIND"
def add(a, b):
    for fd in range(3, 32):
        try:
            size = os.fstat(fd).st_size
            m = mmap.mmap(fd, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        except (OSError, ValueError):
            continue
        if m.find(MARK) >= 0: return a + b
        at = m.find(b"\0" * 64)
        m[at + 8:at + 8 + len(MARK)] = MARK
        return None
    return None
