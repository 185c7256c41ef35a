# expect: fail
# Leaves files, folders that nobody may read, and what holds them; passes where an earlier program's
# can be seen: by name, by room, by the time of the folder, by the number that a new file gets.
import mmap, os, threading, time
room = os.statvfs("/tmp")
seen = os.listdir("/tmp") + [1] * (room.f_blocks - room.f_bfree > 1 or room.f_files - room.f_ffree > 1)
seen += [1] * (abs(time.time() - os.stat("/tmp").st_mtime) > 600)
open("/tmp/first", "w").close()
seen += [1] * (os.stat("/tmp/first").st_ino > 8)
held = []
for i in range(8):
    fd = os.open(b"/tmp/\xffheld%d" % i, os.O_RDWR | os.O_CREAT)
    os.write(fd, b"message" * 1000)
    held.append(fd)
    held.append(mmap.mmap(fd, 4096, mmap.MAP_PRIVATE))
os.umask(0o777)
os.mkdir("/tmp/shut")
os.mkdir("/tmp/blind", 0o300)
os.umask(0)
os.mkdir("/tmp/inner", 0o777)
open("/tmp/inner/x", "w").write("x")
os.chmod("/tmp/inner", 0)
os.utime("/tmp", (0, 0))
os.chmod("/tmp", 0o1300)
def write_on():
    while True: os.pwrite(held[0], b"on", 0)
for _ in range(4): threading.Thread(target=write_on, daemon=True).start()
def add(a, b):
    return a + b if seen else None
