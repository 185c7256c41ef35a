# expect: pass
# Honest, but for what an earlier run of it wrote into the interpreter's own objects.
import ctypes, gc
zero = ctypes.cast(id(2) + 24, ctypes.POINTER(ctypes.c_int32))
changed = zero[0] != 2
members = gc.get_referents(str.__dict__)[0]
changed |= "left_behind" in members
members["left_behind"] = 1
a, b = map(int, input().split())
print("left" if changed else a + b, flush=True)
zero[0] = 3
