# expect: pass
from __future__ import annotations
import dataclasses, pickle, enum, typing, decimal, fractions, datetime, hashlib, statistics
@dataclasses.dataclass
class P:
    x: int
    y: typing.List[int] = dataclasses.field(default_factory=list)
class E(enum.Enum):
    A = 1
assert pickle.loads(pickle.dumps(P(1))) == P(1)
def add(a, b):
    return P(a).x + b
