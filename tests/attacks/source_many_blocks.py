# expect: syntax, crash, error, timeout, memory
# Ninety-nine nested blocks a hundred times, 20,000 decorators, 30,000 elifs: recursion in the
# compiler. Must: ends.
{{@f
 x 20000}}def g(): pass
if 0: pass
{{elif 1: pass
 x 30000}}
