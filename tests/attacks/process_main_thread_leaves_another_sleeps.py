# expect: timeout, error
# The main thread leaves, another sleeps for an hour. Must: ended by the wall limit.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import threading, time
def add(a, b):
    threading.Thread(target=lambda: time.sleep(3600), daemon=True).start()
    syscall(60, 0)
