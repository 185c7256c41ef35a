# expect: error, fail, crash
import sys
def hook(*a):
    raise SystemExit(0)
sys.addaudithook(hook)

def add(a, b):
    return a - b
