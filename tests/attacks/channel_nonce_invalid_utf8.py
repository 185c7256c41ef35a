# expect: fail, tampered
# with: nonce
# Answers by the real nonce with a str, a type's name and an exception that are no UTF-8, and with a
# built-in type whose name is code. Must: no crash of whoever shows it.
def add(a, b):
    text = b"\xff\xfe\x9b31m\xc0\x80\xed\xa0\x80</script>\xf5"
    frame(2, 0, b"s" + bytes([len(text)]) + text)
    frame(2, 1, b"o" + bytes([len(text)]) + text)
    frame(2, 2, b"B" + bytes([len(text)]) + text)
    for index in (3, 4): frame(3, index, struct.pack("<II", 0, len(text)) + text + text)
    frame(4, 0, b"")
    os._exit(0)
