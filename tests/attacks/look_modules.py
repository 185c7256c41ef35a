# expect: fail
import sys
def add(a, b):
    for module in list(sys.modules.values()):
        for name in ("check", "expected", "candidate", "tests"):
            if hasattr(module, name) and module.__name__ not in ("solution",): return 0
