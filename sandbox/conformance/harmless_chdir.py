# expect: pass
import os
os.chdir('/')

def add(a, b):
    return a + b
