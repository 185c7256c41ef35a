# expect: fail, timeout, error
import os, signal
def add(a, b):
    os.kill(0, signal.SIGSTOP)
    return None
