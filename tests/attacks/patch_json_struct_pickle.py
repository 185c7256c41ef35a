# expect: fail
import json, struct, pickle
json.dumps = json.loads = pickle.dumps = pickle.loads = lambda *a, **k: b''
struct.pack = struct.unpack = lambda *a, **k: b''

def add(a, b):
    return a - b
