# expect: fail, error
# Walks all that it can see but /tmp, and tries to open it for writing and to make a file there.
# Must: nothing of it; else it passes.
import os
def add(a, b):
    written = []
    for top, folders, files in os.walk("/"):
        if top.startswith("/private/tmp"): continue
        for name in files:
            try: written.append(os.open(os.path.join(top, name), os.O_RDWR))
            except OSError: pass
        try: written.append(os.open(os.path.join(top, "zz"), os.O_CREAT | os.O_WRONLY))
        except OSError: pass
    return a + b if written else None
