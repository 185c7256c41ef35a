# expect: fail, error
# TIOCSTI, FIOASYNC, FIOSETOWN, SIOCGIFCONF, F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ,
# F_ADD_SEALS, F_OFD_SETLK on all it has. Must: EPERM.
import fcntl, os
def add(a, b):
    got = []
    for fd in range(0, 12):
        for r in (0x5412, 0x5452, 0x8901, 0x8912, 0x5424, 0x540e, 0x4b67, 0xc0045877):
            try: fcntl.ioctl(fd, r, b"\0" * 64); got.append((fd, hex(r)))
            except OSError as e:
                if e.errno not in (1, 9): got.append((fd, hex(r), e.errno))
        for c in (8, 10, 1024, 1026, 1031, 1033, 6, 37, 15, 1036):
            try: fcntl.fcntl(fd, c, 1); got.append((fd, c))
            except OSError as e:
                if e.errno not in (1, 9): got.append((fd, c, e.errno))
            except TypeError: pass
    return a + b if got else None
