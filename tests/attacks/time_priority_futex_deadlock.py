# expect: timeout
# Locks a priority-inheriting futex twice and waits on its own. Must: timeout.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    f = ctypes.c_uint(0)
    syscall(202, ctypes.byref(f), 6, 0, 0, 0, 0)
    import threading
    t = threading.Thread(target=lambda: syscall(202, ctypes.byref(f), 6, 0, 0, 0, 0))
    t.start()
    t.join()
