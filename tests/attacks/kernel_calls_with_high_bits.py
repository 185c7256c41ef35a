# expect: fail, crash
# System call numbers with bits above the 32nd: the kernel may cut them where the filter does not.
# ptrace, socket, fork, kill, memfd_create. Must: EPERM or a kill.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
syscall.argtypes = [ctypes.c_ulong] + [ctypes.c_ulong] * 5
def add(a, b):
    got = []
    for nr in (101, 41, 57, 319, 53, 425, 272):
        for high in (1 << 32, 1 << 63, 0xffffffff << 32, 1 << 31 << 1):
            ctypes.set_errno(0)
            r = syscall(nr | high, 0, 0, 0, 0, 0)
            e = ctypes.get_errno()
            if not (r == -1 and e in (1, 38)): got.append((nr, hex(high), r, e))
    return a + b if got else None
