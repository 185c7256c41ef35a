# expect: fail, output, error, crash
import gc
class G:
    def __del__(self):
        big.append(G())
big = [[i] for i in range(20000)]
def add(a, b):
    gc.set_threshold(1)
    big.append(G())
    return big
