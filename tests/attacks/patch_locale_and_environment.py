# expect: fail
import os, locale
os.environ.update(PYTHONHASHSEED='7', LC_ALL='tr_TR', TZ='Asia/Tokyo')
try:
    locale.setlocale(locale.LC_ALL, '')
except locale.Error:
    pass

def add(a, b):
    return a - b
