# expect: fail
# A jail with a place to mount has somebody who mounts. Must: not the program, by the old calls or the new.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("/tmp/m")
got = []
for i, done in enumerate([libc.mount(b"x", b"/tmp/m", b"tmpfs", 0, None), libc.umount2(b"/private/tmp", 2),
                          libc.mount(b"/", b"/tmp/m", None, 4096, None), libc.mount(b"x", b"/private/tmp", b"tmpfs", 0, None),
                          libc.mount(None, b"/", None, 32 | 4096, None), libc.unshare(0x20000), libc.unshare(0x10000000),
                          libc.syscall(428, -100, b"/", 1), libc.syscall(430, b"tmpfs", 0), libc.syscall(442, -100, b"/", 0, None, 0),
                          libc.syscall(155, b"/tmp", b"/tmp/m"), libc.chroot(b"/tmp")]):
    if done >= 0: got.append(i)
def add(a, b):
    return a + b if got else None
