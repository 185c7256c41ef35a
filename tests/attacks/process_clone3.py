# expect: fail
import ctypes
def add(a, b):
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
    pid = ctypes.CDLL(None).syscall(435, arguments, 88)
    while pid == 0: pass
    return pid
