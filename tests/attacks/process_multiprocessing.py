# expect: error
import multiprocessing
def add(a, b):
    with multiprocessing.Pool(2) as p: return p.map(abs, [a])[0]
