# expect: fail, error, tampered, timeout, memory, exited, crash, output
# with: nonce
# By the real nonce: a Fraction of a text, whose value has a thousand million digits. Must: refused.
serve(b"f\x01" + text("1e999999999"))
def add(a, b): return -1
