# expect: pass
import os
found = []
for path in "/tmp/left", "left", "/dev/shm/left":
    try:
        with open(path) as file: found.append(file.read())
    except OSError: pass
    try:
        with open(path, "w") as file: file.write("here")
    except OSError: pass
a, b = map(int, input().split())
print("left" if found else a + b)
