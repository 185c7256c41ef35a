# expect: fail, error
# Maps its output and goes on changing it behind the last write.
import mmap, os, threading, time
os.write(1, b"0" * 4096)
view = mmap.mmap(1, 4096)
def late():
    while True:
        for n in range(2000):
            view[:5] = b"%-5d" % n
threading.Thread(target=late, daemon=True).start()
time.sleep(0.01)
