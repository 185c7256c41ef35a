# expect: crash, error, fail, output, memory
# Objects whose type was overwritten: a str that is an int, a dict that is a float, an int of a
# million digits. Must: nothing beyond its own process.
import ctypes
n = 0
def add(a, b):
    global n
    n += 1
    kinds = [(str, int), (dict, float), (list, tuple), (set, dict), (int, complex)]
    have, say = kinds[n % 5]
    x = {str: "s" * 40, dict: {1: 2}, list: [1, 2, 3], set: {1, 2}, int: 10**30}[have]
    ctypes.c_void_p.from_address(id(x) + 8).value = id(say)
    return x
