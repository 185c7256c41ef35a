# expect: fail
import sys
sys.exit(0)
