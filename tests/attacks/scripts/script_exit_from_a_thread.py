# expect: fail
import os, threading
thread = threading.Thread(target=os._exit, args=(0,))
thread.start()
thread.join()
