# expect: tampered, fail, error, output, timeout
import os, threading
def flood():
    while True:
        for fd in range(3, 16):
            try: os.write(fd, b"\0" * 40)
            except OSError: pass
threading.Thread(target=flood, daemon=True).start()
def add(a, b):
    return None
