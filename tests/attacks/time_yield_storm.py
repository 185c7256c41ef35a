# expect: timeout, fail, memory, error, crash
# 200 threads that yield in turn: run-queue churn and the wait clock of the leader. Must: CPU
# counted, ended.
import threading, os
threading.stack_size(65536)
def add(a, b):
    def churn():
        while True: os.sched_yield()
    for _ in range(200): threading.Thread(target=churn, daemon=True).start()
    while True: os.sched_yield()
