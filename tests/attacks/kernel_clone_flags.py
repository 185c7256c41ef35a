# expect: fail, crash
# CLONE_THREAD joined with every namespace flag, PTRACE, UNTRACED, VFORK, PIDFD, INTO_CGROUP. Must:
# refused (EPERM or EINVAL); no namespace, no process.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long
def add(a, b):
    got = []
    T = 0x10000 | 0x800 | 0x100
    flags = dict(NEWNS=0x20000, NEWCGROUP=0x2000000, NEWUTS=0x4000000, NEWIPC=0x8000000,
                 NEWUSER=0x10000000, NEWPID=0x20000000, NEWNET=0x40000000, NEWTIME=0x80)
    for name, flag in flags.items():
        for base in (T, 0x10000, 0x10000 | 0x800, 0, 17, 17 | 0x1000):
            if base | flag == 17 | 0x1000 | 0x20000000: continue
            ctypes.set_errno(0)
            r = syscall(56, base | flag, 0, 0, 0, 0)
            if r == 0: syscall(60, 0)
            if r != -1: got.append((name, hex(base), r))
    return a + b if got else None
