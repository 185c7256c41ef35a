# expect: pass
import sys
sys.setrecursionlimit(100000)

def add(a, b):
    return a + b
