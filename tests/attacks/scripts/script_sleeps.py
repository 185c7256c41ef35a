# expect: timeout
import time
print(3)
time.sleep(60)
