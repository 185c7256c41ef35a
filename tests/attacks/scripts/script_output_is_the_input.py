# expect: fail, error
import os
os.dup2(0, 1)
os.write(1, b"3\n")
