# expect: fail, error, tampered, timeout, memory, exited, crash, output
# with: nonce
# By the real nonce: a moment that names something else of its module. Must: refused.
serve(b"w\x02" + text("sys") + b"N")
def add(a, b): return -1
