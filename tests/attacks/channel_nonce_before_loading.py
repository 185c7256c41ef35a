# expect: tampered
# with: nonce
# Says from its top level, by the real nonce, that the suite's own setup is broken. Must: never
# missing, which would take it out of the rates.
frame(13, 0, struct.pack("<II", 0, 1) + b"Xsays so")
os._exit(0)
def add(a, b): return 0
