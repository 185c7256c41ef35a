# expect: timeout, fail, error
# RLIMIT_RTTIME of one microsecond: SIGXCPU or SIGKILL for real-time tasks, read as a death from
# outside. Must: no effect.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    import resource
    microsecond = (ctypes.c_ulong * 2)(1, 1)
    if hasattr(resource, "RLIMIT_RTTIME"):
        try: resource.setrlimit(resource.RLIMIT_RTTIME, (1, 1))
        except (OSError, ValueError): pass
    syscall(302, 0, 15, ctypes.byref(microsecond), 0)
    libc.sched_setscheduler(0, 2, ctypes.byref(ctypes.c_int(1)))
    for _ in range(10**5): pass
    return None
