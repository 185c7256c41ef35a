# expect: fail, crash, error, tampered
import ctypes
def add(a, b):
    libc = ctypes.CDLL(None)
    address = ctypes.cast(libc.memcmp, ctypes.c_void_p).value & ~4095
    libc.mprotect(ctypes.c_void_p(address), 8192, 7)
    ctypes.memset(address, 0xc3, 4096)
    return 0
