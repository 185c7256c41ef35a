# expect: fail
# Bytes that end a line, a text or a number for one reader and not for another.
import os
os.write(1, b"\x00\xff\xfe3\x0b\x0c\x1c\xc2\x85\xe2\x80\xa83\x08\x7f")
