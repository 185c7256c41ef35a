"""Pairs of values of the types that cross by their parts, and what Python's == says of them.

Prints, for every two of a pool and for COUNT random ones made of it: hexadecimal encoding, hexadecimal encoding
(harness/base/value/value.h), 0 or 1. How the types of the standard library come apart is asked of the sandbox's own table.
"""
import collections
import dataclasses
import datetime
import enum
import os
import pathlib
import random
import sys
from decimal import Decimal
from fractions import Fraction

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / ".." / ".." / "support"))
import value_codec  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None

zygote = (HERE / ".." / ".." / ".." / "sandbox" / "runtime" / "python" / "zygote.py").read_text()
names = {"sys": sys}
exec(zygote[zygote.index("def crossing"):zygote.index("def start")], names)
ROWS = {kind: (tag, readers) for kind, tag, readers in names["crossing"]()[0]}
remade = names["remaking"]()

rng = random.Random(int(sys.argv[1]))
Point = collections.namedtuple("Point", "x y")
Pair = collections.namedtuple("Pair", "a b")
Number = enum.IntEnum("Number", "ONE TWO")
Text = enum.Enum("Text", {"A": "a", "B": "b"}, type=str)
Colour = enum.Enum("Colour", "RED GREEN")
Other = enum.Enum("Other", "RED GREEN")
Data = dataclasses.make_dataclass("Data", ["x", "y"], frozen=True)
Same = dataclasses.make_dataclass("Same", ["x", ("y", int, dataclasses.field(compare=False, default=0))], frozen=True)


def parts_of(v):
    """The tag and parts of a value, or None."""
    if type(v) in ROWS:
        tag, readers = ROWS[type(v)]
        if readers is None:
            return tag, list(v)
        if type(readers) is not tuple:
            return tag, list(readers(v))
        return tag, [reader if type(reader) is str else reader(v) for reader in readers]
    if type(v) in (Point, Pair):
        return "n", [type(v).__name__, v._fields, *v]
    if type(v) in (Number, Text):
        return "u", [type(v).__name__, v.name, v.value]
    if type(v) in (Colour, Other):
        return "E", [type(v).__name__, v.name, v.value]
    if type(v) in (Data, Same):
        fields = [f.name for f in dataclasses.fields(v) if f.compare]
        return "G", [type(v).__name__, tuple(fields), *(getattr(v, f) for f in fields)]
    return None


def encode(v):
    made = parts_of(v)
    if made:
        tag, parts = made
        return tag.encode() + value_codec.varint(len(parts)) + b"".join(map(encode, parts))
    t = type(v)
    if t in value_codec.SEQUENCES:
        return value_codec.SEQUENCES[t] + value_codec.varint(len(v)) + b"".join(map(encode, v))
    if t in value_codec.MAPPINGS:
        return value_codec.MAPPINGS[t] + value_codec.varint(len(v)) + b"".join(encode(k) + encode(x) for k, x in v.items())
    return value_codec.encode(v)


def zone(hours):
    return datetime.timezone(datetime.timedelta(hours=hours))


NUMBERS = [0, 1, 2, True, -1, 0.5, -0.5, 1.0, 0.1, 1e20, 10**20, 2**70, -(2**63), 2.0**70, 5e-324, float("inf"), 1j, 0.5 + 0j,
           Fraction(1, 2), Fraction(-1, 2), Fraction(3), Fraction(1), Fraction(1, 10), Fraction(1, 3), Fraction(0.1),
           Fraction(5e-324), Fraction(2**70 + 1, 2), Fraction(2**70), Fraction(2**60 + 1, 2**60), Fraction(1, 2**1100),
           Fraction(2**53 + 1, 2), Decimal("0.5"), Decimal("0.50"), Decimal("-0.5"), Decimal(1), Decimal("1E+0"),
           Decimal("0.1"), Decimal(0.1), Decimal(5e-324), Decimal("1E+20"), Decimal("-0"), Decimal("0E+10"),
           Decimal("Infinity"), Decimal("-Infinity"), Decimal(2**70), Decimal("-9223372036854775808"),
           Decimal("1.25"), 1.25, Fraction(5, 4), Decimal("1E+9999"), Decimal("10E+9998"), Decimal("1E-9999"), Number.ONE,
           Number.TWO, 10**4000, Decimal("1E+4000"), Fraction(1, 10**50), Decimal("1E-50"), Decimal("3E-50"), Fraction(1, 7)]
MOMENTS = [datetime.date(2024, 2, 29), datetime.date(1, 1, 1), datetime.date.max, datetime.datetime(2024, 2, 29),
           datetime.datetime(2024, 2, 29, 12, tzinfo=zone(0)), datetime.datetime(2024, 2, 29, 13, tzinfo=zone(1)),
           datetime.datetime(2024, 3, 1, 0, tzinfo=zone(12)), datetime.datetime(2024, 2, 29, 12, 0, 0, 1),
           datetime.datetime(2024, 2, 29, 12), datetime.time(12), datetime.time(12, tzinfo=zone(0)),
           datetime.time(13, tzinfo=zone(1)), datetime.time(1, tzinfo=zone(-12)), datetime.time(12, microsecond=1),
           datetime.timedelta(1), datetime.timedelta(hours=24), datetime.timedelta(-1), datetime.timedelta(microseconds=-1),
           datetime.timedelta.max, datetime.timedelta.min, datetime.timedelta(0)]
RANGES = [range(0), range(5, 5), range(3), range(0, 3, 1), range(0, 5, 2), range(0, 6, 2), range(1), range(0, 1, 7),
          range(0, -1, -7), range(2**70), range(2**70, 2**71, 2**69), range(2**70, 2**71 + 1, 2**69),
          range(2**70, 2**71 - 1, 2**69), range(-(2**63), 2**63), range(5, 0, -1), range(3, -1)]
HASHED = NUMBERS + MOMENTS + RANGES + [
    "a", "b", b"a", None, Text.A, Text.B, Colour.RED, Colour.GREEN, Other.RED, Point(1, 2), Point(1.0, Fraction(2)),
    Pair(1, 2), (1, 2), (1, 3), Point(1, 3), (Number.ONE, Decimal(2)), Data(1, 2), Data(1.0, 2), Data(1, 3), Same(1, 2),
    Same(1, 3), Same(2, 3), frozenset([1, Decimal("0.5")]), frozenset([Fraction(1), 0.5])]
PLAIN = [bytearray(b"a"), bytearray(b"b"), [1, 2], [Fraction(1), Decimal(2)], {1: 2}.keys(), {1: 3, 2: 1}.keys(),
         {1: 2}.items(), {1.0: Decimal(2)}.items(), {1: [2]}.items(), {1: [2.0]}.items(), {1: [3]}.items(), {1: 2}.values(),
         {(1, 2): 3}.keys(), {(1, 2)}, {1, 2}, {Decimal(1)}, {1: 2}, {Fraction(1): Number.TWO}, set(), {}.keys(), {}.items(),
         collections.OrderedDict([(1, 2)]).keys(), collections.OrderedDict([(2, 1), (1, 2)]).keys(), iter([1]), iter([1]),
         collections.deque([1, 2]), collections.deque([Point(1, 2)]), collections.deque([(1, 2)])]
NUMPY = []
if numpy:
    NUMPY = [numpy.int64(1), numpy.int8(-1), numpy.uint64(2**63), numpy.float64(0.5), numpy.float32(0.5), numpy.float64(0.1),
             numpy.bool_(True), numpy.bool_(False), numpy.complex128(1j), numpy.float16(0.5), numpy.array(1), numpy.array(0.5),
             numpy.str_("a"), numpy.bytes_(b"a"), numpy.longlong(2)]
MEETS_NUMPY = [v for v in NUMBERS if type(v) in (int, float, bool, complex) and abs(v) < 2**60] + NUMPY + ["a", "b", b"a", None]


def composed():
    leaf = lambda: rng.choice(HASHED)  # noqa: E731
    kinds = [lambda: [leaf(), leaf()], lambda: (leaf(), leaf()), lambda: Point(leaf(), leaf()), lambda: {leaf(), leaf()},
             lambda: {leaf(): leaf()}, lambda: {leaf(): leaf()}.items(), lambda: {leaf(): 1, leaf(): 2}.keys(),
             lambda: collections.deque([leaf()]), lambda: collections.Counter([leaf(), leaf()]),
             lambda: collections.OrderedDict([(leaf(), 1), (leaf(), 1)]), lambda: Data(leaf(), leaf()),
             lambda: frozenset([(leaf(), leaf())])]
    return rng.choice(kinds)()


def close_to(v):
    """Another value, in which numbers are written as others that are the same."""
    like = {}
    for other in HASHED:
        like.setdefault(other, []).append(other)
    t = type(v)
    if t in (list, set, frozenset, collections.deque):
        return t(close_to(x) for x in v)
    if t is tuple and v not in like:
        return tuple(close_to(x) for x in v)
    try:
        return rng.choice(like[v])
    except (KeyError, TypeError):
        return v


def put(a, b):
    try:
        said = bool(a == b) and a is not b or (a is b and bool(a == b) and type(a) not in AS_ITSELF)
    except TypeError:
        return
    print(encode(a).hex(), encode(b).hex(), int(said))


AS_ITSELF = (type({}.values()), type(iter([])))

for i, a in enumerate(HASHED + PLAIN):
    for b in (HASHED + PLAIN)[i:]:
        put(a, b)
for a in NUMPY:
    for b in MEETS_NUMPY:
        put(a, b)
for _ in range(int(sys.argv[2])):
    a = composed()
    put(a, close_to(a) if rng.random() < 0.7 else composed())
for v in HASHED + PLAIN + NUMPY:  # the way back gives what was there
    made = parts_of(v)
    if made and type(v) not in AS_ITSELF + (Data, Same, Colour, Other):
        again = remade(made[0], tuple(made[1]))
        assert bool(again == v) and parts_of(again)[1:] == made[1:] if type(v) in ROWS else again == v, (v, again)
for v in [Data(1, 2), Colour.RED]:
    again = remade(parts_of(v)[0], tuple(parts_of(v)[1]))
    assert again == v and v == again and again != Other.RED and again != Data(1, 3) and hash(again) == hash(v)
