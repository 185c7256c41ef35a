# expect: fail, error, missing, tampered
import os
os.write(1, b"0")
os.closerange(0, 1024)
