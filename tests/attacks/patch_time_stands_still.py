# expect: fail
import time
time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0

def add(a, b):
    return a - b
