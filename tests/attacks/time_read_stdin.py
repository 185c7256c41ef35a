# expect: error, fail
import sys
def add(a, b):
    return sys.stdin.read() or input()
