"""Random pairs of plain values and what Python's == says of them: the slow, obvious reference.

Prints COUNT lines: hexadecimal encoding, hexadecimal encoding (harness/base/value/value.h), 0 or 1.
"""
import collections
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from value_codec import MAPPINGS, SEQUENCES, encode  # noqa: E402

rng = random.Random(int(sys.argv[1]))


NUMBERS = [0, 1, -1, 2, 3, 255, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**64, 10**30,
           -(10**30), 2**70, 2**1023, 2**1024, 0.0, -0.0, 0.5, 1.0, -1.0, 1e16, 9007199254740993.0, 2.0**63,
           -(2.0**63), 2.0**64, 1e30, 2.0**70, 2.0**1023, 5e-324, float("inf"), float("-inf"), float("nan"), True,
           False, 1j, 0j, 1 + 0j, complex(0.0, -0.0), complex(1, 2), complex(-0.0, 2), complex(0.0, 2),
           complex(2.0**70, 0), complex(float("nan"), 0)]
TEXTS = ["", "a", "b", "nan", "1", "\u00e9", "\ud800", "\U0001f600", b"", b"a", b"b", b"nan", b"\xff", None]


def leaf():
    return rng.choice(NUMBERS if rng.random() < 0.7 else TEXTS)


def hashable(depth):
    if depth == 0 or rng.random() < 0.6:
        return leaf()
    kind = rng.choice([tuple, frozenset])
    return kind(hashable(depth - 1) for _ in range(rng.randrange(4)))


def value(depth):
    if depth == 0 or rng.random() < 0.3:
        return leaf()
    size = rng.randrange(5)
    kind = rng.choice(list(SEQUENCES) + list(MAPPINGS))
    if kind in (list, tuple, collections.deque):
        return kind(value(depth - 1) for _ in range(size))
    if kind in (set, frozenset):
        return kind(hashable(depth - 1) for _ in range(size))
    if kind is collections.Counter:
        return kind({hashable(1): rng.choice([0, 1, 2, 0.0, -1]) for _ in range(size)})
    return mapping(kind, [(hashable(depth - 1), value(depth - 1)) for _ in range(size)])


def mapping(kind, items):
    return kind(None, items) if kind is collections.defaultdict else kind(dict(items))


def number_like(v):
    """Another number that is, or nearly is, the same."""
    ways = [lambda: v, lambda: int(v.real), lambda: float(v.real), lambda: complex(v), lambda: bool(v),
            lambda: v + 1, lambda: -v]
    try:
        return rng.choice(ways)()
    except (ValueError, OverflowError):
        return v


def copy(v, change):
    """A copy that shares no object with `v`, at each place changed with probability `change`."""
    t = type(v)
    other = rng.random() < change
    if t in (int, float, complex, bool):
        return number_like(v) if other else t(v) if t is not float else struct.unpack("d", struct.pack("d", v))[0]
    if t in (str, bytes) or v is None:
        return leaf() if other else v
    if t in (set, frozenset):
        items = [copy(x, change / 2) for x in v]
        rng.shuffle(items)
        return (rng.choice([set, frozenset]) if other and t is set else t)(items)
    if t in SEQUENCES:
        items = [copy(x, change / 2) for x in v]
        if other and items and rng.random() < 0.3:
            rng.shuffle(items)
        if other and rng.random() < 0.3:
            items = items[:-1]
        return (rng.choice([list, tuple, collections.deque]) if other and t is not tuple else t)(items)
    items = [(copy(k, change / 3), copy(x, change / 2)) for k, x in v.items()]
    if rng.random() < 0.5:
        rng.shuffle(items)
    if other and items and rng.random() < 0.3:
        items = items[:-1]
    kind = rng.choice(list(MAPPINGS)) if other else t
    if kind is collections.Counter and not all(type(x) in (int, float, bool) for _, x in items):
        kind = dict
    return mapping(kind, items)



def fresh_nans(v):
    """Two NaNs that are one object are equal inside containers; across processes they never are one."""
    t = type(v)
    if t is float:
        return struct.unpack("d", struct.pack("d", v))[0]
    if t is complex:
        return complex(fresh_nans(v.real), fresh_nans(v.imag))
    if t in SEQUENCES:
        return t(fresh_nans(x) for x in v)
    if t in MAPPINGS:
        return mapping(t, [(fresh_nans(k), fresh_nans(x)) for k, x in v.items()])
    return v


for _ in range(int(sys.argv[2])):
    a = value(4)
    try:
        b = fresh_nans(copy(a, rng.choice([0, 0.1, 0.3, 0.8])) if rng.random() < 0.9 else value(4))
    except TypeError:  # a changed member was unhashable
        continue
    print(encode(a).hex(), encode(b).hex(), int(a == b))
