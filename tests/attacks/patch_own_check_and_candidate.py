# expect: fail
def check(candidate): return True
candidate = lambda a, b: a + b
entry_point = candidate

def add(a, b):
    return a - b
