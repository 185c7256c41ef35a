# expect: crash
import os; os.abort()
def add(a, b):
    return a - b
