# expect: timeout, error, tampered
# On the checker's line: the head of a reply and nothing more, from a thread, then sleep. Must:
# ended by the wall limit; the checker is not at fault.
import os, stat, struct, time
def add(a, b):
    for fd in range(3, 32):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, struct.pack("<QII", 0, 2, 0))
        except OSError: pass
    time.sleep(3600)
