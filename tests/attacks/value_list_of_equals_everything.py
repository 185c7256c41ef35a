# expect: fail
class Same:
    def __eq__(self, other): return True
def add(a, b):
    return [Same()]
