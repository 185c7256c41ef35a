# expect: fail
import ctypes
def add(a, b):
    libc = ctypes.CDLL(None, use_errno=True)
    made = [libc.syscall(57), libc.syscall(58), libc.syscall(56, 17, 0, 0, 0, 0)]
    if any(pid == 0 for pid in made):
        while True: pass
    return made
