# expect: fail, error
# Owners, sizes and times of host files by stat, contents of symbolic links by readlink, processes
# of the host by stat of /proc/N. Documented: existence and the host's name. Must (full): nothing.
import os
def add(a, b):
    got = []
    for p in ("/etc/shadow", "/boot", "/etc/gshadow", "/proc/1", "/proc/1/exe", "/proc/self/exe",
              "/etc/mtab", "/etc/alternatives/python3", "/proc/%d" % os.getppid()):
        try: s = os.lstat(p); got.append((p, s.st_uid, s.st_size))
        except OSError: pass
        try: got.append((p, os.readlink(p)))
        except OSError: pass
    pids = sum(1 for n in range(1, 3000) if os.access("/proc/%d" % n, os.F_OK))
    return ["processes seen: %d" % pids] + got
