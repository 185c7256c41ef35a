# expect: error
import os, time
if os.fork() == 0:
    time.sleep(0.2)
    os.write(1, b"3\n")
