# expect: fail, crash
# What stands behind the input in memory, or before it.
import ctypes, sys
text = input()
for at in range(id(text) - 4096, id(text) + 4096, 64):
    print(ctypes.string_at(at, 64))
