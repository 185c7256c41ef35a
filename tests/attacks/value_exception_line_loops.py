# expect: timeout
# Raises a SyntaxError whose lineno is a property that never ends: the judged side's own report of
# the exception runs it. Must: timeout.
class E(SyntaxError):
    @property
    def lineno(self):
        while True: pass
def add(a, b): raise E("x")
