# expect: fail, timeout
# A hundred thousand folders inside each other with the longest of names, and the program's own place
# at the bottom. Must: end somewhere, and be gone for the next.
import os
if os.listdir("/tmp"): raise SystemExit
made = 0
try:
    for made in range(100_000):
        name = chr(97 + made % 26) * 255
        os.mkdir(name); os.chdir(name)
except OSError: pass
def add(a, b):
    return a + b if made > 10_000 or not made else None
