# expect: fail
import unittest
unittest.TestCase.assertEqual = lambda *a, **k: None

def add(a, b):
    return a - b
