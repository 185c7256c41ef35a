# expect: crash, timeout, error
# faulthandler's fatal error, abort and stack overflow, and dump_traceback_later with exit. Must:
# crash or error.
import faulthandler
n = 0
def add(a, b):
    faulthandler.enable()
    ways = (faulthandler._sigsegv, faulthandler._sigabrt, faulthandler._stack_overflow,
            faulthandler._fatal_error_c_thread)
    ways[a % 4]()
