"""Python values as assay's own JSON (datasets/README.md) and as Python source."""

import base64
import math


def to_json(value):
    """What `json.dumps` can write; a type that JSON lacks becomes an object with one tag."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, complex):
        return {"$complex": [to_json(value.real), to_json(value.imag)]}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [to_json(v) for v in value]
    if isinstance(value, tuple):
        return {"$tuple": [to_json(v) for v in value]}
    if isinstance(value, set):
        return {"$set": [to_json(v) for v in sorted(value)]}
    if isinstance(value, dict):
        keys = list(value)
        # A plain object only where no reader can lose anything by it: many keep keys sorted.
        if all(isinstance(k, str) and not k.startswith("$") for k in keys) and keys == sorted(keys):
            return {k: to_json(v) for k, v in value.items()}
        return {"$dict": [[to_json(k), to_json(v)] for k, v in value.items()]}
    raise TypeError("no JSON form for %r" % (value,))


def to_source(value):
    """A Python expression that makes the value: repr, but sets in order and odd floats runnable."""
    if isinstance(value, float) and not math.isfinite(value):
        return 'float("%r")' % value
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(to_source, value))
    if isinstance(value, tuple):
        return "(%s%s)" % (", ".join(map(to_source, value)), "," if len(value) == 1 else "")
    if isinstance(value, set):
        return "{%s}" % ", ".join(map(to_source, sorted(value))) if value else "set()"
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (to_source(k), to_source(v)) for k, v in value.items())
    return repr(value)


def same(actual, expected, atol):
    """Equal by Python's ==, or where a tolerance is given, within it, element by element."""
    if actual == expected:
        return True
    if not atol or type(actual) is not type(expected):
        return False
    if isinstance(expected, float):
        return abs(actual - expected) <= atol + 1e-7 * abs(expected)
    if isinstance(expected, (list, tuple)):
        return len(actual) == len(expected) and all(map(lambda a, e: same(a, e, atol), actual, expected))
    if isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(same(actual[k], expected[k], atol) for k in expected)
    return False
