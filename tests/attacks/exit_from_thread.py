# expect: error, fail
import threading, os
def add(a, b):
    threading.Thread(target=os._exit, args=(0,)).start()
    import time
    time.sleep(0.2)
    return None
