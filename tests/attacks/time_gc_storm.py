# expect: timeout, fail, memory
import gc
gc.set_threshold(1)
def add(a, b):
    keep = [[] for _ in range(10**6)]
    while True: keep.append([keep])
