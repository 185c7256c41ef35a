# expect: pass
# Honest, but for what an earlier run of it left.
import builtins, math, os, sys, random
left = [getattr(module, "left_behind", None) for module in (builtins, math, os, sys, random)]
left.append(os.environ.get("LEFT_BEHIND"))
for module in builtins, math, os, sys, random: module.left_behind = "here"
os.environ["LEFT_BEHIND"] = "here"
builtins.sum = sum_ = lambda *ignored: 0
a, b = map(int, input().split())
print("left" if any(left) else a + b)
