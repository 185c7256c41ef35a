# expect: fail
# not with --tmp
# Opens what it may read with the wish to empty it (O_TRUNC needs no right to write where the file
# is the user's own), to make it, or to write to it by a mapping. Must: nothing of it.
import mmap, os
def add(a, b):
    got = []
    for path in (os.__file__, "/assay.so", "/tmp/assay-made"):
        for flags in (os.O_TRUNC, os.O_CREAT, os.O_RDWR, os.O_WRONLY | os.O_TRUNC):
            try: fd = os.open(path, flags)
            except OSError: continue
            if flags == os.O_CREAT and os.path.exists(path) and path != "/tmp/assay-made": continue
            got.append((path, flags))
    return a + b if got else None
