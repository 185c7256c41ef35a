# expect: fail
import sys
def add(a, b):
    frame = sys._getframe().f_back
    while frame:
        for constant in frame.f_code.co_consts:
            if isinstance(constant, int) and constant not in (a, b, 0, 1): return constant
        frame = frame.f_back
