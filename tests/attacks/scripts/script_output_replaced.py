# expect: fail
import io, sys
sys.stdout = io.StringIO()
print("nobody hears this")
