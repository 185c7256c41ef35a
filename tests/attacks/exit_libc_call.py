# expect: error
def add(a, b):
    import ctypes; ctypes.CDLL(None)._exit(0)
