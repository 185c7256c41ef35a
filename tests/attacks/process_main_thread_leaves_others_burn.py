# expect: timeout, error
# The main thread leaves by the exit system call, two others burn on: a zombie leader may hide their
# clock. Must: timeout by CPU, nothing survives.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import threading
def add(a, b):
    def burn():
        x = 0
        while True: x += 1
    for _ in range(2): threading.Thread(target=burn, daemon=True).start()
    syscall(60, 0)
