# expect: fail, crash, error
import ctypes, sys
def add(a, b):
    # Three is four: in this process only.
    ctypes.c_uint32.from_address(id(3) + 24).value = 4
    return 4
