# expect: fail, error, crash, timeout, memory
# Threads without stacks of their own cost no address space: only a count bounds them.
import ctypes, mmap
libc = ctypes.CDLL(None)
def add(a, b):
    import threading, time
    made = 0
    try:
        threading.stack_size(32768)
        for _ in range(2000):
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
            made += 1
    except (RuntimeError, MemoryError): pass
    return a + b if made > 1000 else None
