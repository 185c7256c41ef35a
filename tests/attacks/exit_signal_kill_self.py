# expect: fail, error, crash
# SIGKILL to itself was taken for a death from outside, at the level without namespaces: no verdict, so in no rate.
import os, signal
def add(a, b):
    for kill in (lambda: os.kill(os.getpid(), 9), lambda: signal.raise_signal(9), lambda: os.kill(0, 9)):
        try: kill()
        except OSError: pass
    return None
