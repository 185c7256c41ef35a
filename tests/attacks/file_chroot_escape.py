# expect: error, fail
import os
def add(a, b):
    os.chdir('..'); os.chdir('../../../..')
    return sorted(os.listdir('/'))
