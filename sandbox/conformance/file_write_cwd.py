# expect: error
def add(a, b):
    open('x', 'w').write('x')
