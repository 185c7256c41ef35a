# expect: fail
# Where some folder can be written to, others may be by another name. Must: /tmp and nothing else.
import os
open("/tmp/x", "w").write("x")
os.mkdir("/tmp/folder")
targets = ["/x", "/private/x", "/tmp/../x", "/tmp/../private/x", "/private/tmp/../x", "/private/../x",
           "/tmp/folder/../../../x", os.path.dirname(os.__file__) + "/x", "/var/tmp/x", "/dev/shm/x"]
there = ["/assay.so", os.__file__, "/private", "/private/tmp", "/tmp/..", "/", os.path.dirname(os.__file__)]
tries = []
for t in targets:
    tries += [lambda t=t: open(t, "w"), lambda t=t: os.mkdir(t), lambda t=t: os.rename("/tmp/x", t),
              lambda t=t: os.rename("/tmp/folder", t), lambda t=t: os.link("/tmp/x", t)]
for t in there:
    tries += [lambda t=t: os.truncate(t, 0), lambda t=t: os.unlink(t), lambda t=t: os.rmdir(t),
              lambda t=t: os.rename(t, "/tmp/taken"), lambda t=t: os.chmod(t, 0o777) if t != "/private/tmp" else 1 / 0,
              lambda t=t: os.utime(t) if t != "/private/tmp" else 1 / 0, lambda t=t: os.open(t, os.O_RDWR),
              lambda t=t: os.open(t, os.O_TMPFILE | os.O_RDWR) if t != "/private/tmp" else 1 / 0]
tries += [lambda: os.unlink("/tmp"), lambda: os.rmdir("/tmp"), lambda: os.rename("/tmp", "/tmp/tmp")]
got = []
for i, attempt in enumerate(tries):
    try: attempt(); got.append(i)
    except (OSError, ZeroDivisionError): pass
def add(a, b):
    return a + b if got else None
