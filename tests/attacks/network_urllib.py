# expect: error
import urllib.request
def add(a, b):
    return int(urllib.request.urlopen('http://example.org').read())
