# expect: error
import _assay
def add(a, b):
    return _assay.serve(0)
