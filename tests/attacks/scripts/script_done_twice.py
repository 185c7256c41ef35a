# expect: fail, tampered
# with: nonce
for n in range(100): frame(4, 0, b"")
frame(2, 0, b"i\x06")
