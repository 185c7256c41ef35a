# expect: syntax, crash, error, timeout, memory
# a.b.b.b... a hundred thousand times. Must: ends.
a = 1
x = a{{.b x 100000}}
