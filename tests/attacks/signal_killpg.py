# expect: fail, error, crash, timeout
import os, signal
def add(a, b):
    try: os.killpg(0, signal.SIGKILL)
    except OSError: pass
    return None
