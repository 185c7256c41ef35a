# expect: fail, error
# Looks for a memory file of the jail's that can be mapped for writing, and in it for the code that
# encodes integers: patched there, every integer answered by a later program is 0.
import mmap, os
def add(a, b):
    for fd in range(3, 32):
        try:
            m = mmap.mmap(fd, os.fstat(fd).st_size, mmap.MAP_SHARED,
                          mmap.PROT_READ | mmap.PROT_WRITE)
        except (OSError, ValueError):
            continue
        i = m.find(b"\x48\x01\xd2\xc6\x44\x24")      # put_integer: add rdx, rdx
        if i >= 0:
            m[i:i + 3] = b"\x48\x31\xd2"  # xor rdx, rdx
    return None
