"""Random answers judged as EvalPlus 0.3 judges them, with numpy: the reference for mode `evalplus`.

Prints rows of five columns: the rule, the suite's atol, and the encodings of input, expected and actual in
hexadecimal, then 0 or 1. An empty line starts a new suite: what a suite has switched on stays on in it.
Exits with 77 where numpy is absent.
"""
import math
import os
import random
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(77)

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from value_codec import encode  # noqa: E402

rng = random.Random(int(sys.argv[1]))


def is_floats(x):
    if isinstance(x, float):
        return True
    if isinstance(x, (list, tuple)) and x:
        return all(isinstance(i, float) for i in x)
    return False


class Match:
    """Stands for a re.Match that the reference returned."""


def encoded(v):
    return b"o\x08re.Match" if isinstance(v, Match) else encode(v)


def poly(xs, x):
    return sum(c * math.pow(x, i) for i, c in enumerate(xs))


def surface(base, height):
    slant = math.sqrt((base / 2) ** 2 + height**2)
    return round(base**2 + 4 * (base * slant) / 2)


def digit_distance(a, b):
    a, b = str(a), str(b)
    width = max(len(a), len(b))
    return sum(abs(int(x) - int(y)) for x, y in zip(a.zfill(width), b.zfill(width)))


class Suite:
    def __init__(self, rule, atol):
        self.rule, self.atol = rule, atol

    def accepts(self, inp, exp, out):
        try:
            if self.rule == "root_of_polynomial":
                return bool(abs(poly(*inp, out)) <= self.atol)
            exact = out == exp
            if self.rule == "unchecked":
                exact = True
            elif self.rule == "or_zero":
                exact = exact or out == 0
            elif self.rule == "or_slant_from_height":
                exact = exact or abs(out - surface(*inp)) <= self.atol
            elif self.rule == "or_padded_digits":
                exact = exact or out == digit_distance(*inp)
            elif self.rule == "same_set":
                exact = set(out) == set(exp)
            elif self.rule == "match_or_none":
                exp = exp is not None
                exact = out == exp if isinstance(out, bool) else exp == (out is not None)
            if self.atol == 0 and is_floats(exp):
                self.atol = 1e-6
            if not exact and self.atol != 0:
                assert type(out) == type(exp)
                if isinstance(exp, (list, tuple)):
                    assert len(out) == len(exp)
                assert np.allclose(out, exp, rtol=1e-07, atol=self.atol)
            else:
                assert exact
        except Exception:
            return False
        return True


def number():
    return rng.choice([0, 1, 2, 7, -3, 10**8, 2**62, 2**63, 2**70, 0.5, 1.0, 1e8, 1e-9, -2.5, float("inf"), float("nan"),
                       True, 1j])


def near(x):
    """A number at, close to or far from `x`."""
    moves = [lambda: x, lambda: x + rng.choice([1e-9, 5e-7, 2e-6, 1e-4, 1]), lambda: x * (1 + rng.choice([5e-8, 2e-7])),
             lambda: int(x.real), lambda: float(x.real), number]
    try:
        return rng.choice(moves)()
    except (OverflowError, ValueError):
        return x


def answer(depth=2):
    if depth == 0 or rng.random() < 0.5:
        return rng.choice([number(), number(), number(), rng.choice(["a", "bc", "", None])])
    kind = rng.choice([list, list, tuple, set])
    if kind is set:
        return set(number() for _ in range(rng.randrange(4)))
    if rng.random() < 0.5:
        return kind(rng.uniform(-9, 9) for _ in range(rng.randrange(4)))
    return kind(answer(depth - 1) for _ in range(rng.randrange(4)))


def like(v):
    if isinstance(v, (list, tuple)):
        items = [like(x) for x in v]
        if rng.random() < 0.1:
            rng.shuffle(items)
        if rng.random() < 0.1:
            items.append(like(items[-1]) if items else 0)
        kind = type(v) if rng.random() < 0.9 else rng.choice([list, tuple])
        return kind(items)
    if isinstance(v, (int, float, complex)):
        return near(v) if rng.random() < 0.4 else type(v)(str(v)) if type(v) is float else v
    return v if rng.random() < 0.9 else answer()


def fresh_nans(v):
    """NaNs that are one object are equal inside containers; answers of two processes never share one."""
    if isinstance(v, float):
        return float(str(v))
    return type(v)(fresh_nans(x) for x in v) if isinstance(v, (list, tuple, set)) else v


def arguments(rule):
    if rule == "root_of_polynomial":
        return ([rng.choice([rng.randrange(-5, 6), 0.5]) for _ in range(rng.randrange(1, 5))],)
    if rule == "or_slant_from_height":
        return (rng.randrange(9), rng.randrange(9))
    if rule == "or_padded_digits":
        return (rng.choice([0, 12, -5, 345, 99999]), rng.randrange(10**4))
    return (rng.randrange(9),)


def pair(rule, inp):
    """An expected value such as the rule's problem has, and an answer."""
    if rule == "root_of_polynomial":
        return 0.0, rng.choice([0, 1.0, -1.0, rng.uniform(-2, 2), 0.5, "x", None, float("nan"), 1e308])
    if rule == "or_slant_from_height":
        exp = 2 * inp[0] * inp[1] + inp[0] ** 2
        return exp, rng.choice([exp, surface(*inp), near(surface(*inp)), near(exp), None])
    if rule == "or_padded_digits":
        try:
            padded = digit_distance(*inp)
        except ValueError:
            padded = 3
        return 3, rng.choice([3, padded, float(padded), padded + 1, "3"])
    if rule == "match_or_none":
        return rng.choice([None, Match()]), rng.choice([None, True, False, 0, "", "x", [], Match()])
    if rule == "same_set":
        exp = rng.choice([[1, 2], (1.0, "a"), [], [[1]], [1, 1, 2], ["x", "y"]])
        return exp, rng.choice([like(exp), set(map(str, exp)), exp[::-1], "xy", None, 5, {1: 2, 2: 3}])
    exp = answer()
    return exp, like(exp)


RULES = ["equal", "equal", "equal", "root_of_polynomial", "same_set", "unchecked", "or_zero", "or_slant_from_height",
         "or_padded_digits", "match_or_none"]
np.seterr(all="ignore")
import warnings  # noqa: E402

warnings.simplefilter("ignore")
for _ in range(int(sys.argv[2])):
    rule = rng.choice(RULES)
    atol = rng.choice([1e-4] if rule == "root_of_polynomial" else [0, 0, 0, 1e-6, 1e-4])
    suite = Suite(rule, atol)
    print()
    for _ in range(rng.randrange(1, 8)):
        inp = arguments(rule)
        exp, out = pair(rule, inp)
        out = fresh_nans(out)
        print(rule, atol, encode(inp).hex(), encoded(exp).hex(), encoded(out).hex(), int(suite.accepts(inp, exp, out)))
