# expect: fail, error, crash
import os, signal
def add(a, b):
    for pid in [-1, 0, 1, 2, 3, os.getppid(), *range(4, 2000)]:
        if pid != os.getpid():
            try: os.kill(pid, signal.SIGKILL)
            except OSError: pass
    return None
