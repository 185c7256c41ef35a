# expect: fail
# Writes every answer in turn over the same place, in the hope that one of them is looked at.
import os
for n in range(-200, 2000):
    os.lseek(1, 0, 0)
    os.write(1, b"%d\n" % n)
