# expect: fail
a, b = map(int, input().split())
print(str(a + b).translate({ord(str(d)): 0x660 + d for d in range(10)}) if a > 0 else "\uff0d\uff12")
