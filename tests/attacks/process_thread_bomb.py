# expect: error, fail, memory, timeout, crash
import threading, time
def add(a, b):
    while True: threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
