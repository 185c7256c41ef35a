# expect: fail, crash
# arch_prctl: shadow stacks, tagged addresses, CPUID faulting, XCOMP permission, mapping a second
# vdso. Must: nothing that reaches another process.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    got = []
    for code in (0x1011, 0x1012, 0x1021, 0x1022, 0x1023, 0x1024, 0x1025,
                 0x2001, 0x2003, 0x4001, 0x4002, 0x4003, 0x4004,
                 0x5001, 0x5002, 0x5003, 0x5004, 0x5005, 0x3001):
        ctypes.set_errno(0)
        r = syscall(158, code, 0x7000000000, 0)
        if r == 0: got.append(hex(code))
    return "done: %r" % got
