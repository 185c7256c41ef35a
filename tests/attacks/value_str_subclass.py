# expect: fail
class Same(str):
    def __eq__(self, other): return True
def add(a, b):
    return Same("3")
