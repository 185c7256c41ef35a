# expect: fail, crash, timeout, error
# CLONE_VFORK with CLONE_THREAD: the parent waits uninterruptibly for its thread. Must: killable.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import mmap
def add(a, b):
    stack = libc.mmap
    stack.restype = ctypes.c_void_p
    s = stack(None, 65536, 3, 0x22, -1, 0)
    code = stack(None, 4096, 7, 0x22, -1, 0)
    loop = b"\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7"      # pause forever
    body = (b"\xb8\x38\x00\x00\x00"                            # clone
            b"\x0f\x05\x85\xc0\x74\x01\xc3") + loop
    ctypes.memmove(code, body, len(body))
    f = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_ulong, ctypes.c_void_p)(code)
    return f(0x10000 | 0x800 | 0x100 | 0x4000, s + 65000)
