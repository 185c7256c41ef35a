# expect: fail, error
# Standard output is another file at the end.
import os
other = os.memfd_create("other") if hasattr(os, "memfd_create") else 1
os.dup2(other, 1)
print("something")
