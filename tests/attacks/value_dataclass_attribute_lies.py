# expect: fail
# A dataclass whose __getattribute__ answers the sum to every question, and grows while it is read.
import dataclasses
@dataclasses.dataclass
class P:
    x: int = 0
    y: int = 0
    def __getattribute__(self, name): P.__dataclass_fields__[f"n{len(P.__dataclass_fields__)}"] = 0; return 3
def add(a, b): return P()
