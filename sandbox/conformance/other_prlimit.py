# expect: fail
import resource, os
def add(a, b):
    done = 0
    for pid in range(2, 400):
        try: done += bool(resource.prlimit(pid, resource.RLIMIT_AS, (1, 1)))
        except (OSError, ValueError): pass
    return None
