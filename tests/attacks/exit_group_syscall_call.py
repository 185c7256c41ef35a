# expect: error
def add(a, b):
    import ctypes; ctypes.CDLL(None).syscall(231, 0)
