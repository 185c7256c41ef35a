# expect: error
def add(a, b):
    raise BaseException('passed')
