# expect: timeout
print(3, flush=True)
while True: pass
