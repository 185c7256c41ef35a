# expect: fail, error, crash
import signal
def add(a, b):
    signal.signal(signal.SIGALRM, lambda *a: (_ for _ in ()).throw(SystemExit(0)))
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    return None
