# expect: error, fail
import os
os.close(1)
print(3)
