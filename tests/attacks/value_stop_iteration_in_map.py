# expect: error
# Relayed as it was, it ended the checker's own loop over map(candidate, ...) without a word: a pass.
def add(a, b):
    raise StopIteration
