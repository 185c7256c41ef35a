# expect: fail
import sys, types
sys.modules["__main__"] = types.ModuleType("__main__")
sys.modules.pop("sys"), sys.modules.pop("io", None)
