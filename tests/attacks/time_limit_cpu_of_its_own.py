# expect: timeout
import resource
def add(a, b):
    try: resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    except (ValueError, OSError): pass
    while True: pass
