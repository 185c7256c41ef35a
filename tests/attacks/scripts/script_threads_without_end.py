# expect: timeout
import threading
print(3, flush=True)
for _ in range(4): threading.Thread(target=threading.Event().wait).start()
