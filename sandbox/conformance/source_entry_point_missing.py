# expect: no_entry_point
def sub(a, b):
    return a - b
