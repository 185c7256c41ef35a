# expect: error
import os
def add(a, b):
    os.symlink('/etc/passwd', '/x')
    return open('/x').read()
