# expect: fail, syntax
# -*- coding: utf-7 -*-
def add(a, b):
    return a - b
