# expect: error, memory
# Raises every built-in exception class in turn through the proxy: groups, warnings, unicode errors,
# exits, with arguments that their constructors refuse. Must: error, never a pass.
import builtins
C = [c for c in vars(builtins).values() if isinstance(c, type) and issubclass(c, BaseException)]
n = 0
def add(a, b):
    global n
    n += 1
    c = C[(a * 7 + n) % len(C)]
    try: e = c("x")
    except TypeError:
        try: e = c("utf-8", b"x", 0, 1, "y")
        except TypeError: e = c("m", [ValueError(1)])
    raise e
