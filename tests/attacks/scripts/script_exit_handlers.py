# expect: fail, error
import atexit, os, sys
def last():
    os.lseek(1, 0, 0)
    os.write(1, b"all is well")
    os._exit(0)
atexit.register(last)
sys.exit(1)
