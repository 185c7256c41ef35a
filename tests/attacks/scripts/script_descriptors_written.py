# expect: tampered, fail, error, missing
import os
for fd in range(2, 256):
    try:
        os.set_blocking(fd, False)
        os.write(fd, b"3\n" * 40)
    except OSError:
        pass
