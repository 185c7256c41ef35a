# expect: fail
# Leaves modules under names that a judge, a checker or the next program may import, and a text that
# says what the next import must do. Must: nobody finds them.
import os, sys
found = []
for name in ("solution", "checker", "random", "heapq", "_assay", "usercustomize", "sitecustomize", "numpy"):
    open("/tmp/%s.py" % name, "w").write("import builtins\nbuiltins.taken = 1\n")
    os.makedirs("/tmp/__pycache__", exist_ok=True)
for name in ("decimal", "usercustomize", "fractions", "statistics"):
    try: __import__(name)
    except ImportError: pass
import builtins
def add(a, b):
    return a + b if hasattr(builtins, "taken") or "/tmp" in sys.path or "" in sys.path else None
