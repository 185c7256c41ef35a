# expect: fail
class K:
    def __hash__(self): return 1
    def __eq__(self, other): raise KeyboardInterrupt
def add(a, b):
    return {K(): 1, 2: 3}
