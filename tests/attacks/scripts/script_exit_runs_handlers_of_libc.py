# expect: fail
import ctypes
ctypes.CDLL(None).exit(0)
