# expect: fail, error, crash, timeout
# Strict seccomp kills by SIGKILL, which is read as a death from outside (`missing`, in no rate).
# Must: refused.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    r = libc.prctl(22, 1, 0, 0, 0)
    libc.getppid()
    return "strict: %d" % r
