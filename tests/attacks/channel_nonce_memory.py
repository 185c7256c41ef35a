# expect: memory
# with: nonce
# Says by the real nonce that memory is out. Must: never a pass, and never
# missing, which would take it out of the rates.
def add(a, b):
    frame(9, 0, struct.pack("<II", 0, 1) + b"Xsays so")
    os._exit(0)
