# expect: fail
# Every text that the interpreter holds.
import gc
gc.disable()
texts = {one for holder in gc.get_objects() for one in gc.get_referents(holder) if isinstance(one, (str, bytes))}
for text in texts:
    if len(text) < 8: print(repr(text))
