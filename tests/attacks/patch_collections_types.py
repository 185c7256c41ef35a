# expect: fail
import collections
collections.Counter = collections.deque = collections.OrderedDict = dict

def add(a, b):
    return a - b
