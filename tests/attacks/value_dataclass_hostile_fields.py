# expect: fail, error
# A dataclass with __dataclass_fields__ of its own making, a field that equals everything, and == that looks generated.
import dataclasses
class Any:
    def __eq__(self, other): return True
@dataclasses.dataclass
class P:
    x: object
class Fields(dict):
    def items(self): return [("x", 3)]
exec(compile("def __eq__(self, other): return True", "<string>", "exec"), globals())
P.__eq__ = __eq__
def add(a, b):
    if a == 2: P.__dataclass_fields__ = Fields()
    if a == 3: P.__dataclass_fields__ = {"x": Any(), 5: Any(), "y z": Any()}
    return P(Any())
