# expect: error
def add(a, b):
    open('/assay.so', 'wb').write(b'x')
