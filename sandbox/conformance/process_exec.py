# expect: error
import os, sys
def add(a, b):
    os.execv(sys.executable or '/usr/bin/python3', ['x'])
