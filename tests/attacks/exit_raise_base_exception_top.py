# expect: error
raise BaseException('passed')
def add(a, b):
    return a - b
