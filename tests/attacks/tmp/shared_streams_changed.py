# expect: fail, tampered
# What changes a file may change a stream that all programs share, by its descriptor. Must: refused.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
got = []
for fd in range(32):
    for i, attempt in enumerate([lambda: os.utime(fd), lambda: os.fchmod(fd, 0o600), lambda: os.chmod(fd, 0o600),
                                 lambda: os.fchown(fd, 0, 0), lambda: os.ftruncate(fd, 0)]):
        try: attempt(); got.append((fd, i))
        except (OSError, ValueError): pass
    if libc.utimensat(fd, b"", None, 0x1000) == 0 or libc.syscall(280, fd, None, None, 0x100) == 0: got.append(fd)
def add(a, b):
    return a + b if got else None
