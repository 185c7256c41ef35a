# expect: fail, error
def add(a, b):
    maps = open("/proc/self/maps").read()
    return len(maps)
