# expect: crash, error
# A tuple with a null item and a list whose size says more than it has, for the encoder to walk.
# Must: its own crash only.
import ctypes
def add(a, b):
    t = (1, 2, 3)
    ctypes.c_void_p.from_address(id(t) + 24).value = None
    return t
