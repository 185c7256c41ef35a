# expect: fail
# Empty files take no room of the size, but the kernel's memory. Must: their number is bounded.
import os
made = 0
try:
    for made in range(1_000_000): os.close(os.open("/tmp/%d" % made, os.O_CREAT))
except OSError: pass
def add(a, b):
    return a + b if made > 10_000 or not made else None
