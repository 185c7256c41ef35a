# expect: syntax
x = {{( x 5000}}{{) x 5000}}
def add(a, b):
    return a - b
