# expect: error
# Failing does not become less of it where what ends a program is replaced.
import builtins, os, sys
sys.exit = builtins.exit = os._exit = os.abort = print
sys.excepthook = lambda *ignored: None
raise ValueError("wrong")
