# expect: fail, error
# not with --tmp
# Walks all it can see and tries to open it for writing, and to make a file in every folder.
# Must: nothing of it; else it passes.
import os
def add(a, b):
    written = []
    for top, folders, files in os.walk("/"):
        for name in files:
            try: written.append(os.open(os.path.join(top, name), os.O_RDWR))
            except OSError: pass
        try: written.append(os.open(os.path.join(top, "zz"), os.O_CREAT | os.O_WRONLY))
        except OSError: pass
    return a + b if written else None
