# expect: fail
# Every system call from 424 to 480 by number (pidfd, io_uring, mount API, landlock, memfd_secret,
# process_madvise, futex_waitv, cachestat, map_shadow_stack, mseal, statmount, lsm, xattrat ...).
# Must: EPERM for each but clone3, close_range and faccessat2; else it passes.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    got = []
    for nr in list(range(424, 435)) + [437, 438] + list(range(440, 481)):
        ctypes.set_errno(0)
        r = syscall(nr, -1, 0, 0, 0, 0, 0)
        e = ctypes.get_errno()
        if not (r == -1 and e == 1): got.append((nr, r, e))
    return a + b if got else None
