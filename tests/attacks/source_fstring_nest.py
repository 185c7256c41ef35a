# expect: syntax, crash, error, fail
# f-strings nested in format specs and expressions. Must: ends.
x = f'{{{1: x 118}}1{{} x 118}}'
