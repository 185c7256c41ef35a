# expect: fail, error, timeout, crash
# All three interval timers at one microsecond, handlers in Python and C. Must: only itself slowed.
import signal
def add(a, b):
    n = [0]
    for which, sig in ((signal.ITIMER_REAL, signal.SIGALRM),
                       (signal.ITIMER_VIRTUAL, signal.SIGVTALRM),
                       (signal.ITIMER_PROF, signal.SIGPROF)):
        signal.signal(sig, lambda *x: n.__setitem__(0, n[0] + 1))
        signal.setitimer(which, 1e-6, 1e-6)
    for _ in range(200000): pass
    return n
