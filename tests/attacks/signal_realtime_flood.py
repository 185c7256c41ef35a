# expect: fail, error, timeout, crash
# Queues real-time signals to itself, blocked, up to the user's pending limit that all jails share.
# Must: honest programs beside it unharmed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import signal, os
def add(a, b):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(34, 64))
    tid = libc.gettid(); sent = 0
    for _ in range(150000):
        if syscall(234, os.getpid(), tid, 40) != 0: break
        sent += 1
    return "queued %d" % sent
