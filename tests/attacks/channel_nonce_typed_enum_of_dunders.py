# expect: fail, error, tampered, timeout, memory, exited, crash, output
# with: nonce
# By the real nonce: a member of a class and of a name that no Enum can have, and a range without end. Must: refused.
serve(b"u\x03" + text("N") + text("__eq__") + b"i\x06")
def add(a, b): return -1
