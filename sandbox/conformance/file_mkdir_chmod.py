# expect: error
import os
def add(a, b):
    os.chmod('/', 0o777)
    os.mkdir('/x')
