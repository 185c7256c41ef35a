# expect: error, crash, fail
import os, signal
def add(a, b):
    os.kill(os.getpid(), signal.SIGTERM)
    return None
