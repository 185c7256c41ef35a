# expect: crash, output, error, memory, fail, tampered
# A list that says it has 2**40 items; bytes with a negative size; a str that says it has 2**50
# characters. Must: crash or output, the supervisor unharmed.
import ctypes
n = 0
def add(a, b):
    global n
    n += 1
    if n == 1:
        x = b"abcdefgh"; ctypes.c_ssize_t.from_address(id(x) + 16).value = -5; return [x]
    if n == 2:
        x = "abcdefgh" * 2; ctypes.c_ssize_t.from_address(id(x) + 16).value = 1 << 50; return x
    x = [1, 2]; ctypes.c_ssize_t.from_address(id(x) + 16).value = 1 << 40
    return x
