# expect: fail, error, crash, timeout
import posix
def add(a, b):
    posix.kill(0, 9)
    return None
