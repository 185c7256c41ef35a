# expect: error, fail, missing
import builtins
remove = delattr
for name in list(vars(builtins)):
    if name != "list": remove(builtins, name)
