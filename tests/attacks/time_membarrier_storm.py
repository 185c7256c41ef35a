# expect: fail, timeout
# membarrier to every CPU in a loop: interrupts into the other workers. Bounded at 0.3 s. Must:
# honest programs beside it keep their verdicts.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import time
def add(a, b):
    end = time.monotonic() + 0.06
    syscall(324, 2, 0); syscall(324, 4, 0); syscall(324, 16, 0); syscall(324, 32, 0)
    n = 0
    while time.monotonic() < end:
        for c in (2, 8, 64): syscall(324, c, 0)
        n += 1
    return "barriers"
