# expect: error, output, timeout
import os, resource
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
while True: os.write(1, b"3" * 500000)
