# expect: fail, timeout, error
import os, signal
def add(a, b):
    os.kill(os.getpid(), signal.SIGSTOP)
    return None
