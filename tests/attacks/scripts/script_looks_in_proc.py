# expect: fail, error
import os
for path in "/proc/self/fd/1", "/proc/self/mem", "/proc/1/fd/0", "/dev/stdin", "/dev/fd/1", "/tmp", "/output", "/expected":
    try:
        with open(path, "rb") as file: os.write(1, file.read(100))
    except OSError:
        pass
os.write(1, str(os.listdir("/")).encode())
