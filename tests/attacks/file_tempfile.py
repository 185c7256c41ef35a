# expect: error
# not with --tmp
import tempfile
def add(a, b):
    return tempfile.mkstemp()
