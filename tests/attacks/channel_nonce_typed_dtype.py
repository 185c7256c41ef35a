# expect: fail, error, tampered, timeout, memory, exited, crash, output
# with: nonce
# By the real nonce: an array of a dtype of its own, and of a shape that its list does not have. Must: refused.
serve(b"a\x03" + text("O") + b"t\x01i\x02" + b"l\x01N")
def add(a, b): return -1
