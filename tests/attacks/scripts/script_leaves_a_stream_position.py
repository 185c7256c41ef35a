# expect: pass
# An input that is shared by two runs would be read from where the first stopped.
import os, sys
data = os.read(0, 100)
a, b = map(int, data.split())
os.lseek(0, 0, 2)
print(a + b if os.lseek(0, 0, 1) == len(data) else "another's")
