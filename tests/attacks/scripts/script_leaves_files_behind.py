# expect: pass
import os
found = []
PATHS = "/tmp/left", "left", "/dev/shm/left"
for path in PATHS:
    try:
        with open(path) as file: found.append(file.read())
    except OSError: pass
for path in PATHS:
    try:
        with open(path, "w") as file: file.write("here")
    except OSError: pass
a, b = map(int, input().split())
print("left" if found else a + b)
