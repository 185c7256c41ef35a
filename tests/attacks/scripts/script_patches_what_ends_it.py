# expect: fail, error
import atexit, sys, threading
atexit._run_exitfuncs = threading._shutdown = lambda *ignored: None
sys.stdout.flush = lambda: None
print("lost")
