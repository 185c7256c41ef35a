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
    # Modules that keep no state between two uses, but for the generator, which is seeded anew.
    stateless = {"bisect", "cmath", "collections", "collections.abc", "copy", "datetime", "functools", "hashlib",
                 "heapq", "itertools", "math", "numbers", "operator", "random", "re", "string", "typing"}
    reaching = {"breakpoint", "compile", "delattr", "environ", "eval", "exec", "getattr", "globals", "modules",
                "input", "open", "os", "register", "setattr", "sys", "vars"}

    def leaves_nothing(text):
        """True where a test's text, executed in a namespace of its own, plainly leaves the interpreter as it was: it
        imports modules without state, assigns to no attribute and names nothing that reaches further. Then one process
        may execute it for one program after another. A text that hides what it does harms its own verdicts only."""
        nodes = [compile(text, "<text>", "exec", 0x400, True)]
        while nodes:
            node = nodes.pop()
            kind = type(node).__name__
            if kind == "Name" and (node.id in reaching or node.id.startswith("__")):
                return False
            if kind == "alias" and (node.name in reaching or node.name.startswith("_")):
                return False
            if kind == "Attribute" and (node.attr in reaching or node.attr.startswith("_") or
                                        type(node.ctx).__name__ != "Load"):
                return False
            if kind == "Import" and not stateless.issuperset(name.name for name in node.names):
                return False
            if kind == "ImportFrom" and (node.level or node.module not in stateless):
                return False
            if getattr(node, "name", None) == "__del__":
                return False
            for field in node._fields:
                below = getattr(node, field, None)
                nodes += [n for n in (below if type(below) is list else [below]) if hasattr(n, "_fields")]
        return True

    compile(warm, "<warm>", "exec", 0, True)
    exec(compile("def f(n: int) -> list:\n    return [i for i in range(n)]\nassert f(2) == [0, 1]\n",
                 "<warm>", "exec", 0, True), {"__name__": "warm"})
    random.seed(int(os.environ["PYTHONHASHSEED"]))

    from _imp import create_dynamic, exec_dynamic
    from importlib.machinery import ModuleSpec
    module = create_dynamic(ModuleSpec("_assay", None, origin=arguments[0]))
    exec_dynamic(module)
    sys.modules.pop("_assay", None)

    import gc
    gc.collect()
    gc.freeze()
    return module.serve, int(arguments[1]), leaves_nothing


serve, flags, leaves_nothing = start()
del start
serve(flags, leaves_nothing)
