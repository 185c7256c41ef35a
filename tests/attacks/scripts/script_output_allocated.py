# expect: error, output, fail
import os
os.posix_fallocate(1, 0, 1 << 30)
