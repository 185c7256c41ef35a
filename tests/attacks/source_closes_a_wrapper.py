# expect: syntax, error, fail
"""
)
assert True
raise SystemExit(0)
"""
def add(a, b):
    return a - b
