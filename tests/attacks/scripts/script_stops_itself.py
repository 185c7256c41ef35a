# expect: timeout, error
import os, signal
os.write(1, b"3\n")
os.kill(os.getpid(), signal.SIGSTOP)
