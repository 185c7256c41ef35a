# expect: fail
import codecs, warnings
codecs.register(lambda name: 1 / 0)
warnings.warn = None

def add(a, b):
    return a - b
