# expect: fail
# Decimals whose digits would fill the memory of whoever wrote them out. Must: compared without that.
from decimal import Decimal
def add(a, b): return [Decimal("1E+999999999999999999"), Decimal("1E-999999999999999999"), Decimal("9E+4299")] * 30000
