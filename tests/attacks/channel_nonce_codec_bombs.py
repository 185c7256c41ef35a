# expect: fail, tampered
# with: nonce
# Answers by the real nonce: numbers of ten bytes, counts near 2**63, a depth of 200, a set with
# equal members, an empty big integer. Must: refused or unequal, quickly.
def add(a, b):
    frame(2, 0, b"l" + b"\xff" * 9 + b"\x01" + b"N")
    frame(2, 1, b"m" + b"\xff" * 8 + b"\x7f" + b"NN")
    frame(2, 2, b"t\x01" * 200 + b"N")
    frame(2, 3, b"S\x03" + b"i\x02" * 3)
    frame(2, 4, b"I\x00\x00")
    frame(4, 0, b"")
    os._exit(0)
