# expect: error
def add(a, b):
    return open('/etc/passwd').read()
