# expect: fail
print(*range(-200, 2000))
