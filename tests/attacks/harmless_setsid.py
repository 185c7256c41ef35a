# expect: pass
import os
try: os.setsid()
except OSError: pass
try: os.setpgid(0, 0)
except OSError: pass

def add(a, b):
    return a + b
