# expect: error
def add(a, b):
    return open('/proc/1/environ').read()
