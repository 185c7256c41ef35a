# expect: error
import os
def add(a, b):
    open(os.__file__, 'a').write('x')
