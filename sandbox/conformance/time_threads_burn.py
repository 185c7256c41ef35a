# expect: timeout
import threading, hashlib
def burn():
    data = b"x" * (1 << 20)
    while True: hashlib.sha256(data).digest()
def add(a, b):
    threads = [threading.Thread(target=burn) for _ in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
