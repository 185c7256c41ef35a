# expect: error, fail
# Seals its output, so that nobody may shrink or write it.
import fcntl, os
fcntl.fcntl(1, 1033, 15)
