# expect: memory, error
import resource
def add(a, b):
    for name in ("RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_STACK"):
        try: resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
        except (ValueError, OSError): pass
    return len(bytearray(4 << 30))
