# expect: error
def add(a, b):
    quit()
