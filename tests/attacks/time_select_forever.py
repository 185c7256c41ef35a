# expect: timeout, error
import select
def add(a, b):
    select.select([], [], [])
