# expect: error
def add(a, b):
    open('/dev/shm/x', 'w').write('x')
