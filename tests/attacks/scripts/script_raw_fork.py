# expect: error, fail, crash
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(57) < 0: raise OSError(ctypes.get_errno(), "fork")
