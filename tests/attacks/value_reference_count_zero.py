# expect: crash, error, fail, timeout
# None, True, the empty tuple and its own answer with a reference count of 1: freed under the
# encoder. Must: its own crash only.
import ctypes
def add(a, b):
    for o in (None, True, (), 0, ""):
        ctypes.c_ssize_t.from_address(id(o)).value = 1
    x = [a + b]
    ctypes.c_ssize_t.from_address(id(x)).value = 0
    return [x, x, None, None, True, True, (), (), 0]
