# expect: timeout, memory
def add(a, b):
    return 7 ** 10 ** 9
