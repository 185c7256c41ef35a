# expect: error
# not with --tmp
def add(a, b):
    open('/tmp/x', 'w').write('x' * 10**9)
