# expect: error, memory, crash, fail, timeout, output
# Lowers every limit of its own to 0: files, stack, address space, threads, pending signals, real-
# time. Must: harms itself only, not missing.
import resource
def add(a, b):
    for name in dir(resource):
        if name.startswith("RLIMIT_") and name != "RLIMIT_CPU":
            try: resource.setrlimit(getattr(resource, name), (0, 0))
            except (OSError, ValueError): pass
    return [0] * 1000000
