# expect: fail
# Links lead out, pipes and sockets lead to other processes, devices to the kernel; a name without a
# file (O_TMPFILE) is harmless. Must: none of them is made.
import os, socket, stat
open("/tmp/x", "w").close()
def bound(kind):
    s = socket.socket(socket.AF_UNIX, kind); s.bind("/tmp/s")
tries = [lambda: os.symlink("/assay.so", "/tmp/a"), lambda: os.link("/tmp/x", "/tmp/b"),
         lambda: os.link("/assay.so", "/tmp/c"), lambda: os.mkfifo("/tmp/d"),
         lambda: os.mknod("/tmp/e", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
         lambda: os.mknod("/tmp/f", stat.S_IFSOCK | 0o666), lambda: os.mknod("/tmp/g", stat.S_IFREG),
         lambda: bound(socket.SOCK_STREAM), lambda: bound(socket.SOCK_DGRAM),
         lambda: os.setxattr("/tmp/x", "user.x", b"x" * 60000)]
got = []
for i, attempt in enumerate(tries):
    try: attempt(); got.append(i)
    except OSError: pass
def add(a, b):
    return a + b if got else None
