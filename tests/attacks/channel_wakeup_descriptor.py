# expect: tampered, fail, error, crash, timeout
# signal.set_wakeup_fd on the reply pipe: each signal puts a byte between two frames. Must:
# tampered; never a pass.
import signal, os, stat
def add(a, b):
    for fd in range(3, 32):
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode):
                signal.signal(signal.SIGUSR1, lambda *x: None)
                signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
                signal.raise_signal(signal.SIGUSR1)
        except (OSError, ValueError): pass
    return a + b + 1
