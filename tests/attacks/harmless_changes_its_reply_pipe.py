# expect: pass
# Sets O_DIRECT, O_APPEND and O_ASYNC on the reply pipe and answers rightly, in large and small
# replies: the reader must not lose bytes. Must: pass.
import fcntl, os, stat
def add(a, b):
    for fd in range(3, 32):
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode):
                fcntl.fcntl(fd, fcntl.F_SETFL, os.O_DIRECT | os.O_NONBLOCK | os.O_APPEND | 0o20000)
        except OSError: pass
    return a + b
