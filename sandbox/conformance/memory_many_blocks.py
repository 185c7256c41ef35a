# expect: memory, timeout
# On a crowded machine a fault costs so much CPU time that the time limit may come first.
def add(a, b):
    keep = []
    while True: keep.append(bytearray(1 << 20))
