# expect: error
# not with --tmp
def add(a, b):
    open('x', 'w').write('x')
