# expect: fail, output, timeout
import os
os.write(1, b"3" * (3 << 20))
