# expect: fail
import fcntl, os
def add(a, b):
    done = []
    for fd in range(3, 16):
        for command, value in ((8, os.getppid()), (8, 1), (10, 9), (4, 0o20000)):
            try: fcntl.fcntl(fd, command, value)
            except OSError: pass
    return done
