# expect: fail, tampered
# with: nonce
# Says with the real nonce that it has come to its end, and goes on.
frame(4, 0, b"")
print("wrong")
