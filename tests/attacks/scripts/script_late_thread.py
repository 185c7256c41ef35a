# expect: fail
import os, threading, time
def late():
    while True: os.write(1, b"3\n"), time.sleep(0.001)
threading.Thread(target=late, daemon=True).start()
