# expect: error, output, fail, crash
import os
os.lseek(1, 1 << 40, 0)
os.write(1, b"3")
