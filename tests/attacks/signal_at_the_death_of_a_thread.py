# expect: fail, error, crash
# Asks for SIGKILL at the death of the parent thread, from a thread that ends. Must: no SIGKILL out
# of the program's own hands, never `missing`.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import threading, time
def add(a, b):
    def ask(): libc.prctl(1, 9, 0, 0, 0)
    t = threading.Thread(target=ask); t.start(); t.join(); time.sleep(0.01)
    return None
