# Executed by the interpreter in the jail before any program is seen: imports what most programs
# import, warms the compiler, and hands over to the extension. argv: extension path, flags, then
# directories for packages after "--path" and import names after "--packages".
import sys


def start():
    arguments = sys.argv[1:]
    sys.argv = [""]
    sys.path = [p for p in sys.path if p]

    # The generator must not reseed in every child: the same program gets the same numbers each run.
    import os
    at_fork, os.register_at_fork = os.register_at_fork, lambda **hooks: None
    import random
    os.register_at_fork = at_fork
    import bisect, collections, copy, functools, heapq, itertools, math, operator, re, string, typing

    path = arguments[arguments.index("--path") + 1:arguments.index("--packages")]
    packages = arguments[arguments.index("--packages") + 1:]
    sys.path += path
    for name in packages:
        __import__(name)
    sys.path = [p for p in sys.path if p not in path]

    warm = '''
import math
from typing import List, Dict, Optional
def f(a: int, *b, c=1, **d) -> List[int]:
    """text"""
    global g
    x = [i * 2 for i in range(3) if i % 2 == 0] + list({k: v for k, v in zip("ab", [1, 2])})
    y, (z, *w) = {1, 2}, (3, 4, 5)
    try:
        while a < 10 and not c is None:
            a += 1 << 1
            if a == 5: continue
            elif a > 7 or c in x: break
            else: pass
    except (ValueError, TypeError) as e:
        raise RuntimeError(f"{e!r:>{5}} {a:.2f}") from e
    finally:
        g = lambda q: (yield)
    for i, j in enumerate(sorted(x, key=lambda t: -len(str(t)))):
        assert i >= 0, "m"
    else:
        del z
    with open as h, f: pass
    return x[1:2][::-1] if a else -c ** ~2 // 3 @ 1
class A(object):
    n: int = 0
    @property
    def p(self): return super().__init__()
async def h(x):
    nonlocal_ = await x
    def inner():
        nonlocal x
        x = 1.5e3 + 2j
    return [y async for y in x], (yield_ := 3), b"x", ..., None, True
'''
    compile(warm, "<warm>", "exec", 0, True)
    exec(compile("def f(n: int) -> list:\n    return [i for i in range(n)]\nassert f(2) == [0, 1]\n",
                 "<warm>", "exec", 0, True), {"__name__": "warm"})
    random.seed(0)

    from _imp import create_dynamic, exec_dynamic
    from importlib.machinery import ModuleSpec
    module = create_dynamic(ModuleSpec("_assay", None, origin=arguments[0]))
    exec_dynamic(module)
    sys.modules.pop("_assay", None)

    import gc
    gc.collect()
    gc.freeze()
    return module.serve, int(arguments[1])


serve, flags = start()
del start
serve(flags)
