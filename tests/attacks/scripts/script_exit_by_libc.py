# expect: fail
import ctypes
ctypes.CDLL(None)._exit(0)
