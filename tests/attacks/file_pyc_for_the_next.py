# expect: fail, error
import py_compile, os
def add(a, b):
    try: py_compile.compile(os.__file__, "/x.pyc")
    except OSError: pass
    return None
