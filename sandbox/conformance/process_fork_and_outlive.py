# expect: fail, error
import os, time
def add(a, b):
    try:
        if os.fork() == 0:
            os.setsid(); time.sleep(1000)
    except OSError: pass
    return None
