# expect: fail
import sys
def add(a, b):
    frame = sys._getframe()
    while frame:
        for space in (frame.f_locals, frame.f_globals):
            for value in list(space.values()):
                if type(value) is list: value.append("passed")
                if hasattr(value, "value") and not isinstance(value, type):
                    try: value.value = 0
                    except Exception: pass
        frame = frame.f_back
