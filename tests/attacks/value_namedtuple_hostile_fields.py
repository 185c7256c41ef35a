# expect: fail
# _fields is a descriptor, a list, texts that are no names, one text twice: all in turn. Must: opaque or a plain record.
class Descriptor:
    def __get__(self, one, owner): raise MemoryError if one else KeyboardInterrupt
def made(fields): return type("P", (tuple,), {"_fields": fields, "__slots__": ()})
KINDS = [made(f) for f in (Descriptor(), ["a", "b"], ("a b", "c"), ("a", "a"), ("import os", "\ud800"), ("__class__", "b"))]
def add(a, b): return [kind((a + b, 0)) for kind in KINDS]
