# expect: error, fail, pass
# What a run writes to its input, a later one would read.
import os
a, b = map(int, os.pread(0, 100, 0).split())
for change in lambda: os.pwrite(0, b"0 0\n", 0), lambda: os.ftruncate(0, 0), lambda: os.write(0, b"9"):
    try:
        change()
    except OSError:
        continue
    os._exit(5)
print(a + b)
