# expect: fail, error, tampered, timeout, memory, exited, crash, output
# with: nonce
# By the real nonce: a record whose fields are named like what Python asks of objects. Must: unequal, or refused.
serve(b"G\x05" + text("int") + b"t\x03" + text("__class__") + text("__eq__") + text("_Record__record") + b"i\x02" + b"T" + b"i\x06")
def add(a, b): return -1
