# expect: pass
import sys
print('PASS')
sys.stderr.write('x' * 100000)

def add(a, b):
    return a + b
