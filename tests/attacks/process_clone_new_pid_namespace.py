# expect: fail
import ctypes
def add(a, b):
    # The very flags that make a judged process.
    libc = ctypes.CDLL(None, use_errno=True)
    fd = ctypes.c_int()
    made = [libc.syscall(56, flags, 0, ctypes.byref(fd), 0, 0)
            for flags in (0x20000000 | 0x1000 | 17, 0x1000 | 17, 0x10000000 | 0x20000000 | 17)]
    if any(pid == 0 for pid in made):
        while True: pass
    return made
