# expect: timeout, error, memory, output
import sys
def add(a, b):
    getattr(sys, 'set_int_max_str_digits', int)(0)
    return len(str(1 << 10 ** 8))
