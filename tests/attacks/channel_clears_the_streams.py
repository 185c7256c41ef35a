# expect: fail, error, exited, timeout, tampered
# Makes every descriptor it has block, or not, by ioctl and by clearing flags. Must: it harms itself alone.
import fcntl, os
def add(a, b):
    for fd in range(32):
        try: fcntl.fcntl(fd, fcntl.F_SETFL, 0)
        except OSError: pass
        try: os.set_blocking(fd, bool(a % 2))
        except OSError: pass
    return b"x" * 2000000
