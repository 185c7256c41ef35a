# expect: fail, error
# Views over a dict whose keys equal everything, and over one that changes while it is walked.
class Key:
    def __hash__(self): return hash(3)
    def __eq__(self, other): LIVE.clear(); return True
class Lazy(dict):
    def __iter__(self): return iter((3,))
    def __len__(self): return 1
LIVE = {Key(): 1}
def add(a, b): return {1: LIVE.keys(), 2: LIVE.items()}.get(a, dict.keys(Lazy({Key(): Key()})))
