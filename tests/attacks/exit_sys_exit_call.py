# expect: error
def add(a, b):
    import sys; sys.exit(0)
