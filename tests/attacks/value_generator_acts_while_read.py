# expect: error, fail, exited, tampered, crash
# Generators that raise, exit, and return the sum only to an exception, while they are read as an answer.
import os, sys
def a1():
    yield 1
    raise StopIteration(3)
def a2():
    try: yield 1
    except GeneratorExit: os._exit(0)
    os._exit(0)
def add(a, b): return [a1(), a2()][b % 2]
