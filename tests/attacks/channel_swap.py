# expect: error, timeout, tampered, fail
import os
def add(a, b):
    fds = []
    for fd in range(3, 16):
        try: os.fstat(fd); fds.append(fd)
        except OSError: pass
    for fd in fds:
        for other in fds:
            if fd != other: os.dup2(fd, other)
    return None
