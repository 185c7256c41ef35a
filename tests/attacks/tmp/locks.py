# expect: fail
# A file may have any number of locks, which the kernel keeps and no limit counts. Must: none.
import fcntl, os, signal
fd = os.open("/tmp/x", os.O_RDWR | os.O_CREAT)
got = []
tries = [lambda: fcntl.lockf(fd, fcntl.LOCK_EX, 1, 2), lambda: fcntl.flock(fd, fcntl.LOCK_EX),
         lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK), lambda: fcntl.fcntl(fd, fcntl.F_NOTIFY, 1),
         lambda: fcntl.fcntl(fd, fcntl.F_SETOWN, 1), lambda: fcntl.fcntl(fd, 1033, 0x1f),
         lambda: fcntl.fcntl(fd, 37, b"\1" + b"\0" * 31)]
for i, attempt in enumerate(tries):
    try: attempt(); got.append(i)
    except OSError: pass
def add(a, b):
    return a + b if got else None
