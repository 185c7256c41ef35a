# expect: fail
# Writes wherever there may be room: the end of one file, many files, far beyond the end, behind
# names that are gone while their files are open. Must: no more than the size of /tmp.
import os
wrote = 0
block = b"x" * (1 << 16)
def tried(what):
    global wrote
    try: wrote += what()
    except OSError: return False
    return True
one = os.open("/tmp/one", os.O_RDWR | os.O_CREAT)
while wrote < 1 << 26 and tried(lambda: os.write(one, block)): pass
for i in range(10): tried(lambda: os.pwrite(one, block, i << 40))
tried(lambda: os.ftruncate(one, 1 << 50) or 1 << 50)
gone = [one]
for i in range(20):
    tried(lambda: gone.append(os.open("/tmp/%d" % i, os.O_RDWR | os.O_CREAT)) or 0)
    tried(lambda: os.unlink("/tmp/%d" % i) or 0)
    while wrote < 1 << 26 and tried(lambda: os.write(gone[-1], block)): pass
def add(a, b):
    return a + b if wrote > 9 << 20 or not wrote else None
