# expect: fail
import gc, re
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, (dict, list, tuple)):
            for text in (thing.values() if isinstance(thing, dict) else thing):
                if isinstance(text, str) and "assert add(" in text.replace("assert add(\" in", ""):
                    found = re.search(r"add\(%s, %s\) == (-?\d+)" % (a, b), text)
                    if found: return int(found.group(1))
    return None
