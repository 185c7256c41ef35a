# expect: timeout, fail, output, memory
def add(a, b):
    m = 2 ** 61 - 1
    return {i * m: 0 for i in range(1, 60000)}
