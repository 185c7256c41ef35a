# expect: crash, error, timeout
# rt_sigreturn with a frame of noise. Must: crash.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b): syscall(15)
