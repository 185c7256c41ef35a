# expect: timeout, error, tampered, fail, output, memory, crash
# A thread reads the checker's line beside the serving loop: requests torn in two, lengths from the
# middle of arguments. Must: never a pass, never missing.
import os, stat, threading
def steal():
    while True:
        for fd in range(3, 12):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.set_blocking(fd, False)
                    os.read(fd, 13)
            except OSError: pass
threading.Thread(target=steal, daemon=True).start()
def add(a, b):
    import time; time.sleep(0.02)
    return a + b + 1
