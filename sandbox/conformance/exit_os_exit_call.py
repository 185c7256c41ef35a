# expect: error
def add(a, b):
    import os; os._exit(0)
