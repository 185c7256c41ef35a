# expect: fail, error, memory, crash, timeout
# Piles seccomp filters of 4,096 instructions on itself until refused, then one that logs every
# call: kernel memory, kernel log, slower calls. Must: bounded, only itself harmed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
import struct
def add(a, b):
    n = 4096
    body = struct.pack("<HBBI", 0x20, 0, 0, 0) * (n - 1) + \
        struct.pack("<HBBI", 0x06, 0, 0, 0x7fff0000)
    buf = ctypes.create_string_buffer(body, len(body))
    prog = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", n, ctypes.addressof(buf)), 16)
    made = 0
    for _ in range(64):
        if libc.prctl(22, 2, ctypes.byref(prog), 0, 0) != 0: break
        made += 1
    log = struct.pack("<HBBI", 0x06, 0, 0, 0x7ffc0000)
    lb = ctypes.create_string_buffer(log, 8)
    lp = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 1, ctypes.addressof(lb)), 16)
    libc.prctl(22, 2, ctypes.byref(lp), 0, 0)
    for _ in range(2000): libc.getppid()
    return "piled %d" % made
