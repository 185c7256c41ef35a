# expect: fail, timeout, crash, error
# not with --tmp
# Every system call from 0 to 423 that is not on the allow-list, with null arguments. Must: EPERM
# for each; else it passes. sendto and recvfrom are on it without an address.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
ALLOWED = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25,
    27, 28, 32, 33, 34, 35, 36, 37, 38, 39, 44, 45, 46, 47, 56, 60, 61, 62, 63, 72, 79, 80, 81, 89, 95,
    96, 97, 98, 99, 100, 102, 104, 107, 108, 109, 110, 111, 112, 115, 118, 120, 121, 124, 126,
    127, 128, 130, 131, 137, 138, 140, 143, 145, 146, 147, 157, 158, 186, 200, 201, 202, 204,
    217, 218, 219, 228, 229, 230, 231, 234, 247, 257, 262, 267, 269, 270, 271, 273, 292, 293,
    302, 309, 318, 324, 332, 334
}
def add(a, b):
    got = []
    for nr in range(0, 424):
        # uprobe and uretprobe pass any filter by the kernel's own choice, and end in SIGILL.
        if nr in ALLOWED or nr in (335, 336): continue
        ctypes.set_errno(0)
        r = syscall(nr, 0, 0, 0, 0, 0, 0)
        e = ctypes.get_errno()
        if not (r == -1 and e == 1): got.append((nr, r, e))
    return a + b if got else None
