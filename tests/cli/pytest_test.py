"""Own test texts of pytest's kind, with pytest admitted into the jail. ASSAY_PYTEST names a Python that has it."""
import os
import subprocess
import unittest

from support import AssayTest

PYTHON = os.environ.get("ASSAY_PYTEST", "/usr/bin/python3")
HAS_PYTEST = subprocess.run([PYTHON, "-c", "import pytest"], capture_output=True, check=False).returncode == 0
OPTIONS = ("--python", PYTHON, "--packages", "pytest")
ADD = {"entry_point": "add", "reference": "def add(x, y):\n    if x is None:\n        raise ValueError('x is None')\n    return x + y\n"}
ONE_MORE, NO_NONE = "def add(x, y):\n    return (x or 0) + y + 1\n", "def add(x, y):\n    return (x or 0) + y\n"

TEXTS = {
    "parametrize": """import pytest
@pytest.mark.parametrize('x', [1, 2], ids=['a', 'b'])
@pytest.mark.parametrize('y,z', [(1, 1), pytest.param(2, 2, id='q')])
def test_a(x, y, z):
    assert y == z
    assert add(x, y) == x + z
@pytest.mark.parametrize(['x'], [(None,)])
def test_b(x):
    with pytest.raises(ValueError, match='None'):
        add(x, 1)
""",
    "approx": """import pytest
def test_near():
    assert add(0.1, 0.2) == pytest.approx(0.3)
class TestNone:
    def setup_method(self, method):
        self.nothing = None
    def test_none(self):
        with pytest.raises(ValueError):
            add(self.nothing, 1)
""",
    "fixtures": """import pytest
open_ones = []
@pytest.fixture
def one():
    return 1
@pytest.fixture
def two(one):
    open_ones.append(one)
    yield one + 1
    open_ones.remove(one)
@pytest.fixture(scope='module', name='three')
def three_():
    return 3
def test_a(one, two, three):
    assert open_ones == [1]
    assert add(one, two) == three
class TestB:
    @pytest.fixture(autouse=True)
    def ready(self, two):
        self.two = two
    @pytest.mark.parametrize('n', range(3))
    def test_b(self, n, one):
        assert add(self.two, n) == n + 2
    def test_none(self):
        with pytest.raises(ValueError):
            add(None, self.two)
def test_all_are_closed(candidate):
    assert open_ones == []
""",
    "iterators, read once": """import pytest
@pytest.mark.parametrize('x,y,z', zip([1, 2], [2, 3], [3, 5]))
def test_a(x, y, z):
    assert add(x, y) == z
@pytest.mark.parametrize('n', iter([1, 2]))
class TestC:
    def test_a(self, n):
        assert add(n, 1) == n + 1
    def test_none(self, n):
        with pytest.raises(ValueError):
            add(None, n)
""",
    "marks with conditions": """import pytest, sys
@pytest.mark.skipif(condition=False, reason='')
def test_a():
    assert add(1, 2) == 3
@pytest.mark.skipif('sys.version_info < (3, 0)', reason='')
@pytest.mark.xfail(False, reason='')
def test_none():
    with pytest.raises(ValueError):
        add(None, 1)
""",
    "unittest": """import pytest, unittest
class TestX(unittest.TestCase):
    def setUp(self):
        self.one = 1
    @pytest.mark.skipif(False, reason='')
    def test_a(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertEqual(add(self.one, n), n + 1)
    def test_none(self):
        with self.assertRaises(ValueError):
            add(None, self.one)
""",
}


@unittest.skipUnless(HAS_PYTEST, f"skipped: {PYTHON} has no pytest")
class Pytest(AssayTest):
    def test_texts_of_pytests_kind_judge_as_pytest_would(self):
        """Each was refused, or passed every program."""
        dataset = self.write("mine.jsonl", [{"task_id": name, **ADD, "tests": text} for name, text in TEXTS.items()])
        self.assertIn("no wrong program does", self.assay("datasets", "check", dataset, *OPTIONS).stdout)
        samples = self.samples(*((name, body) for name in TEXTS for body in (ADD["reference"], ONE_MORE, NO_NONE)))
        self.json("run", "--dataset", dataset, "--samples", samples, *OPTIONS)
        shown = self.json("show", "--proxy", "official", "--gold", "official")["programs"]
        found = {(entry["task_id"], sample): entry["verdicts"][0] for entry in shown for sample in entry["sample_ids"]}
        for name in TEXTS:
            with self.subTest(name):
                statuses = [found[name, str(i)]["status"] for i in range(3)]
                self.assertEqual(statuses, ["pass", "fail", "fail"])
        self.assertEqual(found["parametrize", "1"]["message"],
                         "AssertionError: line 6 of the tests: assert add(x, y) == x + z, where 3 == 2 is false")
        self.assertIn("DID NOT RAISE", found["approx", "2"]["message"])

    def test_what_is_not_done_is_named(self):
        text = ("import pytest\n@pytest.mark.skip(reason='x')\ndef test_no():\n    assert False\n"
                "def test_path(tmp_path):\n    assert False\n@pytest.fixture(params=[1, 2])\ndef n(request):\n    return request.param\n"
                "def test_n(n):\n    assert False\n@pytest.mark.parametrize('m', [1], indirect=True)\ndef test_m(m):\n    assert False\n"
                "def test_add():\n    assert add(1, 2) == 3 and add(1, 1) == 2\n")
        dataset = self.write("mine.jsonl", [{"task_id": "Own/0", **ADD, "tests": text}])
        told = self.assay("datasets", "check", dataset, *OPTIONS, code=1).stdout
        for what in ("test_no is marked skip", "test_path takes tmp_path, and there is no such fixture here",
                     "test_n takes n, and there is no such fixture here", "test_m is parametrized indirectly"):
            self.assertIn("never_run: " + what, told)
        self.assertIn("1 problem read, 4 findings", told)


if __name__ == "__main__":
    unittest.main()
