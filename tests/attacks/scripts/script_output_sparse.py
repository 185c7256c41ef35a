# expect: error, output, fail
import os
os.ftruncate(1, 1 << 29)
