# expect: fail, error, tampered, timeout, memory, exited, crash, output
# with: nonce
# By the real nonce: an array of texts of 999,999,999 characters each. Must: no more than the checker's memory.
serve(b"a\x03" + text("<U999999999") + b"t\x01i\x14" + b"l\x0a" + b"s\x00" * 10)
def add(a, b): return -1
