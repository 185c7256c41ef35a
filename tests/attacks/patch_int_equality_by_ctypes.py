# expect: fail, crash
import ctypes
# int.tp_richcompare of this process: everything is equal from now on.
@ctypes.CFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object, ctypes.c_int)
def equal(a, b, op):
    return True
def add(a, b):
    slot = id(int) + 24 * 8 + 8
    ctypes.c_void_p.from_address(slot).value = ctypes.cast(equal, ctypes.c_void_p).value
    return 0
