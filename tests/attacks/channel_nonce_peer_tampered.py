# expect: tampered
# with: nonce
# Says by the real nonce that the program sent the checker nonsense. Must: never a pass, and never
# missing, which would take it out of the rates.
def add(a, b):
    frame(15, 0, struct.pack("<II", 0, 1) + b"Xsays so")
    os._exit(0)
