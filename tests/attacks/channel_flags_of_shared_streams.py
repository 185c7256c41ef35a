# expect: fail
# Leaves a mark in the flags of standard input and output, whose open files all programs of a jail
# share, and looks for one. Must: no program finds another's.
import fcntl, os
MARK = os.O_APPEND | os.O_NONBLOCK
def add(a, b):
    if any(fcntl.fcntl(fd, fcntl.F_GETFL) & MARK for fd in range(3)): return a + b
    for fd in range(3):
        try: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_RDWR | MARK)
        except OSError: pass
        try: os.set_blocking(fd, False)
        except OSError: pass
    return None if a == 1 else -1
