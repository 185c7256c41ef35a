# expect: fail
# Every prctl option from 1 to 80 and the special ones. Must: EPERM but for the few that are
# allowed; dumpable, ptracer, MM, subreaper, speculation, timer slack, ambient capabilities stay
# shut.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    got = []
    for option in list(range(1, 81)) + [0x59616d61, 0x53564d41, 0x41555856, 0x4d444d57]:
        if option in (1, 3, 15, 16, 22, 38): continue
        ctypes.set_errno(0)
        r = syscall(157, option, 0, 0, 0, 0)
        e = ctypes.get_errno()
        if not (r == -1 and e == 1): got.append((option, r, e))
    return a + b if got else None
