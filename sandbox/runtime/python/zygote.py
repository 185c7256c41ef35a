# Executed by the interpreter in the jail before any program is seen: imports what most programs
# import, warms the compiler, and hands over to the extension. argv: extension path, flags, then
# directories for packages after "--path" and import names after "--packages".
import sys


def crossing():
    """What sandbox/runtime/python/types.c knows types by, looked up before any program runs: (type, tag of the codec,
    what reads each part) and what it asks of the classes that a program makes. The readers are bound to the type itself,
    so that no program can replace them."""
    import collections, datetime, decimal, enum, fractions, itertools, types
    refused, kind_of = NotImplemented, type

    def readers(kind, *names):
        return tuple(vars(kind)[name].__get__ for name in names)

    rows = [(range, "r", readers(range, "start", "stop", "step")),
            (fractions.Fraction, "f", readers(fractions.Fraction, "_numerator", "_denominator")),
            (decimal.Decimal, "e", (decimal.Decimal.__str__,)), (bytearray, "j", (bytes,))]

    # A time zone crosses where it is a fixed offset, in microseconds.
    fixed, offset_of, microsecond = datetime.timezone, datetime.timezone.utcoffset, datetime.timedelta(microseconds=1)

    def zone(kind):
        read = vars(kind)["tzinfo"].__get__

        def offset(value):
            found = read(value)
            if found is None:
                return None
            return offset_of(found, None) // microsecond if kind_of(found) is fixed else refused
        return offset

    day, clock = ("year", "month", "day"), ("hour", "minute", "second", "microsecond")
    rows += [(datetime.date, "w", ("date", *readers(datetime.date, *day))),
             (datetime.time, "w", ("time", *readers(datetime.time, *clock), zone(datetime.time))),
             (datetime.datetime, "w", ("datetime", *readers(datetime.date, *day), *readers(datetime.datetime, *clock),
                                       zone(datetime.datetime))),
             (datetime.timedelta, "w", ("timedelta", *readers(datetime.timedelta, "days", "seconds", "microseconds")))]

    for mapping in {}, collections.OrderedDict():
        rows += [(type(mapping.keys()), "k", None), (type(mapping.values()), "v", None),
                 (type(mapping.items()), "y", itertools.chain.from_iterable)]

    texts = "", "\xe9", b"", bytearray()
    several = [(), [], range(0), range(1 << 70), set(), {}, {}.values(), {}.items(), collections.deque(), *texts]
    backwards = [[], (), range(0), {}, {}.values(), {}.items(), collections.deque()]
    iterators = {type(iter(one)) for one in several} | {type(reversed(one)) for one in backwards[:1] + backwards[2:]}
    iterators |= {types.GeneratorType, map, filter, zip, enumerate, reversed}
    iterators |= {kind for kind in vars(itertools).values() if isinstance(kind, type) and hasattr(kind, "__next__")}
    rows += [(kind, "g", None) for kind in iterators]

    numpy = sys.modules.get("numpy")
    if numpy:
        item, text_of, dtype_of = numpy.generic.item, vars(numpy.dtype)["str"].__get__, vars(numpy.ndarray)["dtype"].__get__
        scalars = ("bool_ int8 int16 int32 int64 longlong uint8 uint16 uint32 uint64 ulonglong float16 float32 float64 "
                   "complex64 complex128 str_ bytes_").split()
        for kind in {getattr(numpy, name) for name in scalars}:
            rows.append((kind, "x", (numpy.dtype(kind).str, item)))
        tolist, ravel = numpy.ndarray.tolist, numpy.ndarray.ravel

        def dtype(array):
            text = text_of(dtype_of(array))
            return text if text[1:2] in "biufcSU" else refused
        rows.append((numpy.ndarray, "a", (dtype, vars(numpy.ndarray)["shape"].__get__, lambda array: tolist(ravel(array)))))

    plain = tuple(type("Plain", (kind,), {}) for kind in (tuple, int, str, object))
    return (rows, enum.EnumMeta, types.FunctionType, vars(type)["__dict__"].__get__, int.__index__, str.__str__, plain)


def remaking():
    """The way back: what makes an object of its tag and parts (sandbox/runtime/python/types.c)."""
    import collections, datetime, decimal, enum, fractions, functools
    numpy = sys.modules.get("numpy")
    simple = {"r": range, "f": fractions.Fraction, "e": decimal.Decimal, "j": bytearray,
              "k": lambda *keys: dict.fromkeys(keys).keys(), "v": lambda *values: dict(enumerate(values)).values(),
              "y": lambda *pairs: dict(zip(pairs[::2], pairs[1::2])).items(), "g": lambda *items: iter(items)}
    moments = {kind.__name__: kind for kind in (datetime.date, datetime.time, datetime.datetime, datetime.timedelta)}
    # In a checker a program's process may have written the parts: no constructor sees more than it is meant to.
    wanted = {"r": int, "f": int, "e": str, "j": bytes}

    def moment(kind, *parts):
        if kind == "date" or kind == "timedelta":
            return moments[kind](*parts)
        zone = None if parts[-1] is None else datetime.timezone(datetime.timedelta(microseconds=parts[-1]))
        return moments[kind](*parts[:-1], zone)

    def numbers(tag, text, *rest):
        if text[0] not in "<>|=" or text[1] not in "biufcSU" or not text[2:].isdecimal() or len(text) > 12:
            raise ValueError(text)
        dtype = numpy.dtype(text)
        return dtype.type(*rest) if tag == "x" else numpy.array(rest[1], dtype).reshape(rest[0])

    def short(name):
        name = name.rpartition(".")[2]
        return name if name.isidentifier() else "Unnamed"

    # A class once made serves for the next answer too; with types, since 1 == True.
    @functools.lru_cache(256)
    def tuple_class(name, fields):
        return collections.namedtuple(name, fields)

    @functools.lru_cache(256, typed=True)
    def member_of(name, member, value):
        kind = enum.IntEnum if type(value) is int else str
        return enum.Enum(name, {member: value}, type=str)[member] if kind is str else kind(name, {member: value})[member]

    class Record:
        """A dataclass's instance, or a member of a plain Enum, of the other process: its fields, and none of its methods.
        Equal to what its own == would take for equal here, where a class of that name stands for its class."""

        def __init__(self, name, fields, values):
            self.__dict__.update(zip(fields, values))
            self.__dict__.update({"name": values[0], "value": values[1]} if fields == ("_name_", "_value_") else {})
            self.__record = (name, fields, values)

        def __eq__(self, other):
            name, fields, values = self.__record
            if type(other) is Record:
                return self.__record == other.__record
            same = type(other).__qualname__ == name
            if isinstance(other, enum.Enum):
                return same and (other._name_, other._value_) == values and fields == ("_name_", "_value_")
            # The name is the program's choice: a class of its own called `int` stands for no number.
            if type(other.__class__) is not type or "__dataclass_fields__" not in vars(type(other)):
                return False
            compared = [f.name for f in type(other).__dataclass_fields__.values() if f.compare]
            return same and compared == list(fields) and values == tuple(getattr(other, f) for f in fields)

        def __hash__(self):
            name, fields, values = self.__record
            return hash(values[0]) if fields == ("_name_", "_value_") else hash(values)

        def __repr__(self):
            name, fields, values = self.__record
            return f"{name}({', '.join(f'{f}={v!r}' for f, v in zip(fields, values))})"

    def remade(tag, parts):
        if tag in wanted and any(type(part) is not wanted[tag] for part in parts):
            raise ValueError(tag)
        if tag in simple:
            return simple[tag](*parts)
        if tag == "x" or tag == "a":
            return numbers(tag, *parts)
        if tag == "w":
            return moment(*parts)
        if tag == "n":
            try:
                return tuple_class(short(parts[0]), parts[1])(*parts[2:])
            except ValueError:  # names that namedtuple() itself does not take
                return parts[2:]
        if tag == "u":
            return member_of(short(parts[0]), *parts[1:])
        if tag == "E":
            return Record(parts[0], ("_name_", "_value_"), parts[1:])
        return Record(parts[0], parts[1], parts[2:])
    return remade


def testing():
    """How a test text is made ready: prepared(text, alone) -> (its code, told). Where the text fails, told(error, traceback)
    says where, and what the failing assert compared; for that its asserts keep their two sides, under names that no text can
    have. `alone`: the program's objects are in another process, so that no repr() here is the program's."""
    import _ast, collections, opcode
    readable_max, text_max, value_max, depth_max, bits_max = 1 << 16, 160, 200, 8, 4096
    raising, file = opcode.opmap["RAISE_VARARGS"], "<checker>"
    signs = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not",
             "In": "in", "NotIn": "not in"}
    plain = {list: "[]", tuple: "()", set: "{}", frozenset: ("frozenset({", "})"), dict: "{}", collections.deque: ("deque([", "])")}
    simple, name_of, digits = {bool, float, complex, type(None)}, type.__dict__["__name__"].__get__, []
    for name in "get_int_max_str_digits", "set_int_max_str_digits":
        digits.append(getattr(sys, name, lambda *ignored: 0))

    def keep_sides(tree):
        """Rewrites `assert a == b` so that both sides stay in the frame. [(first line, last line, sign), ...] of these."""
        kept, nodes = [], [tree]
        while nodes:
            node = nodes.pop()
            if type(node) is _ast.Assert and type(node.test) is _ast.Compare and len(node.test.ops) == 1:
                test = node.test
                test.left = under("@left", test.left)
                test.comparators[0] = under("@right", test.comparators[0])
                kept.append((node.lineno, node.end_lineno, signs[type(test.ops[0]).__name__]))
            for field in node._fields:
                below = getattr(node, field, None)
                nodes += [n for n in (below if type(below) is list else [below]) if isinstance(n, _ast.stmt)
                          or type(n) is _ast.ExceptHandler or type(n).__name__ == "match_case"]
        return kept

    def under(name, side):
        place = dict(lineno=side.lineno, col_offset=side.col_offset, end_lineno=side.end_lineno, end_col_offset=side.end_col_offset)
        return _ast.NamedExpr(_ast.Name(name, _ast.Store(), **place), side, **place)

    def shown(value, alone):
        """repr(), cut, in time that does not grow with the value."""
        pieces, room = [], value_max

        def put(text):
            nonlocal room
            pieces.append(text[:room])
            room -= min(room, len(text))

        def show(value, depth):
            kind = type(value)
            if kind in simple:
                put(repr(value))
            elif kind is str or kind is bytes:
                put(repr(value[:room]))
            elif kind is int:
                put(repr(value) if value.bit_length() <= bits_max else "<an integer of %d bits>" % value.bit_length())
            elif kind in plain and depth < depth_max:
                show_items(value, plain[kind] if value or kind not in (set, frozenset) else (kind.__name__ + "(", ")"), depth)
            elif kind in plain or not alone:
                put("<%s>" % name_of(kind))
            elif isinstance(value, tuple):
                put(name_of(kind))
                show_items(value, "()", depth)
            else:
                put(other(value, kind))

        def show_items(value, marks, depth):
            put(marks[0])
            for i, item in enumerate(value.items() if type(value) is dict else value):
                if room <= 0:
                    return
                put(", " if i else "")
                if type(value) is dict:
                    show(item[0], depth + 1)
                    put(": ")
                    item = item[1]
                show(item, depth + 1)
            put(",)" if type(value) is tuple and len(value) == 1 else marks[1])

        def other(value, kind):
            before = digits[0]()
            try:
                digits[1](4300)
                text = repr(value)
                return "<%s>" % name_of(kind) if " at 0x" in text else text
            except Exception:
                return "<%s>" % name_of(kind)
            finally:
                digits[1](before)

        show(value, 0)
        return "".join(pieces) + ("..." if room <= 0 else "")

    def teller(text, kept, alone):
        ends = text.find("\n# assay runs the tests\n")
        lines = (text if ends < 0 else text[:ends]).split("\n")

        def told(error, traceback):
            at = last = None
            while traceback is not None:
                last, frame = traceback, traceback.tb_frame
                if frame.f_code.co_filename == file and traceback.tb_lineno <= len(lines):
                    at = traceback
                traceback = traceback.tb_next
            if at is None:
                return ""
            here = [one for one in kept if one[0] <= at.tb_lineno <= one[1]]
            first, end = here[0][:2] if len(here) == 1 else (at.tb_lineno, at.tb_lineno)
            quoted = " ".join(" ".join(lines[first - 1:end]).split())
            said = "line %d of the tests: %s" % (first, quoted[:text_max] + "..." * (len(quoted) > text_max))
            names = at.tb_frame.f_locals
            # The assert itself raised, so both sides are those of now.
            if len(here) == 1 and at is last and at.tb_frame.f_code.co_code[at.tb_lasti] == raising and "@right" in names:
                said += ", where %s %s %s is false" % (shown(names["@left"], alone), here[0][2], shown(names["@right"], alone))
            return said
        return told

    def prepared(text, alone):
        try:
            if len(text) <= readable_max:
                tree = compile(text, file, "exec", 0x400, True)
                kept = keep_sides(tree)
                return compile(tree, file, "exec", 0, True), teller(text, kept, alone)
        except Exception:
            pass  # what is wrong with the text itself is told by what follows
        return compile(text, file, "exec", 0, True), teller(text, [], alone)

    outcomes = sys.modules.get("_pytest.outcomes")
    return prepared, (AssertionError, outcomes.Failed) if outcomes else AssertionError


def scripting():
    """How a script's standard streams are opened and how it comes to its end, as the interpreter itself does both."""
    import atexit, builtins, io
    from gc import collect
    from _sitebuiltins import Quitter, _Helper
    of_site = {"help": _Helper(), **{name: Quitter(name, "end of file") for name in ("exit", "quit")}}
    file, reader, writer, text, modules = io.FileIO, io.BufferedReader, io.BufferedWriter, io.TextIOWrapper, sys.modules

    def stream(number, mode, buffered, name):
        raw = file(number, mode, False)
        raw.name = name
        made = text(buffered(raw), "utf-8", "surrogateescape", "\n")  # on Linux no line end is translated
        made.mode = mode
        return made

    def opened():
        vars(builtins).update(of_site)
        sys.argv = ["solution.py"]
        sys.stdin = sys.__stdin__ = stream(0, "r", reader, "<stdin>")
        sys.stdout = sys.__stdout__ = stream(1, "w", writer, "<stdout>")
        return sys.stdout

    def closed(first):
        """`first`: what opened() gave; the program may have put another in its place."""
        threading = modules.get("threading")
        if threading:
            threading._shutdown()
        atexit._run_exitfuncs()
        streams = [stream for stream in (sys.stdout, first) if stream is not None]

        def flush():
            for stream in streams:
                if not getattr(stream, "closed", True):
                    stream.flush()
        flush()
        # Objects that say something when they go, go now; but not from under a thread that is still there.
        main = modules.get("__main__")
        if main is not None and (not threading or threading.active_count() == 1):
            names = vars(main)
            for name in [name for name in names if name != "__builtins__"]:
                names[name] = None
            collect()
            flush()
    return opened, closed


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

    from _imp import create_dynamic, exec_dynamic
    from importlib.machinery import ModuleSpec
    module = create_dynamic(ModuleSpec("_assay", None, origin=arguments[0]))
    exec_dynamic(module)
    sys.modules.pop("_assay", None)

    path = arguments[arguments.index("--path") + 1:arguments.index("--packages")]
    packages = arguments[arguments.index("--packages") + 1:]
    sys.path += path
    for name in packages:
        try:
            __import__(name)
        except BaseException as e:  # outside it could; here are no files but its own
            module.refuse(("%s cannot be imported in the jail: %s: %s" % (name, type(e).__name__, e))[:200])
    sys.path = [p for p in sys.path if p not in path]
    selectors = sys.modules.get("selectors")
    if selectors:  # it was imported where epoll still works; the programs' filter refuses that
        selectors.DefaultSelector = selectors.PollSelector

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

    import io, linecache

    def remember(text):
        """Lets a program find its own text (inspect.getsource, the lines of a traceback): this process holds no other."""
        if len(text) <= 1 << 20:
            linecache.cache["<solution>"] = len(text), None, io.StringIO(text, None).readlines(), "<solution>"

    compile(warm, "<warm>", "exec", 0, True)
    exec(compile("def f(n: int) -> list:\n    return [i for i in range(n)]\nassert f(2) == [0, 1]\n",
                 "<warm>", "exec", 0, True), {"__name__": "warm"})
    random.seed(int(os.environ["PYTHONHASHSEED"]))
    known = *scripting(), crossing(), remaking(), *testing()
    # A limit of the interpreter's own on what a program may compute; the CPU limits bound it.
    getattr(sys, "set_int_max_str_digits", id)(0)

    import gc
    gc.collect()
    gc.freeze()
    return module.serve, (int(arguments[1]), leaves_nothing, remember, *known)


serve, known = start()
del start, scripting, crossing, remaking, testing
serve(*known)
