# expect: pass
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.alarm(1)

def add(a, b):
    return a + b
