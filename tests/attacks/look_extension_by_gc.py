# expect: fail, error, crash, tampered
import gc
def add(a, b):
    for thing in gc.get_objects():
        if type(thing).__name__ == "builtin_function_or_method" and thing.__name__ == "serve":
            return thing(0)
    import sys
    frame = sys._getframe()
    while frame.f_back: frame = frame.f_back
    serve = frame.f_globals.get("serve")
    return serve(0) if serve else None
