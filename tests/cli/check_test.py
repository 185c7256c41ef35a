"""`assay datasets check`: every way in which a benchmark is broken has a name, and the sound ones have none."""
import json
import pathlib
import unittest

from support import AssayTest

BROKEN = pathlib.Path(__file__).with_name("broken_benchmarks.jsonl")
BROKEN_TESTS = pathlib.Path(__file__).with_name("broken_tests.jsonl")
OWN_CALLS = pathlib.Path(__file__).with_name("own_calls.jsonl")
ADD = {"entry_point": "add", "reference": "def add(x, y):\n    return x + y\n"}


class Check(AssayTest):
    def test_each_broken_problem_is_named_by_its_flaw(self):
        """A text whose tests nobody calls passed every program, and the check said that all was well."""
        rows = [json.loads(line) for line in BROKEN.read_text(encoding="utf-8").splitlines()]
        told = json.loads(self.assay("datasets", "check", BROKEN, "--json", code=1).stdout)
        self.assertEqual(told["problems"], len(rows) - 1)
        kinds = {row["task_id"]: set() for row in rows}
        for finding in told["findings"]:
            line = int(finding["place"].rsplit(":", 1)[1])
            kinds[rows[line - 1]["task_id"]].add(finding["kind"])
            self.assertTrue(finding["what"])
        for row in rows:
            expected = row["comment"]
            with self.subTest(row["task_id"], expected=expected):
                self.assertEqual(kinds[row["task_id"]] & {expected}, set() if expected == "sound" else {expected})
                if expected in ("sound", "unstable", "no_tests", "never_run", "reference_fails"):
                    self.assertEqual(kinds[row["task_id"]] - {expected}, set())
        self.assertEqual(told["counts"]["unstable"], 3)

    def test_tests_that_judge_nothing_are_named(self):
        """Coroutines, generators, bare comparisons and hidden or nested tests passed every program, and the check saw nothing."""
        rows = [json.loads(line) for line in BROKEN_TESTS.read_text(encoding="utf-8").splitlines()]
        told = json.loads(self.assay("datasets", "check", BROKEN_TESTS, "--json", code=1).stdout)
        kinds = {row["task_id"]: [] for row in rows}
        for finding in told["findings"]:
            kinds[finding["task_id"]].append(finding["kind"])
        for row in rows:
            with self.subTest(row["task_id"], tests=row["tests"]):
                self.assertEqual(kinds[row["task_id"]], [] if row["comment"] == "sound" else [row["comment"]])
        pytest, = (finding["what"] for finding in told["findings"] if "no pytest" in finding["what"])
        self.assertIn("the jail has no pytest: where this Python has it, --packages pytest admits it", pytest)

    def test_a_run_says_at_its_start_that_pytest_is_lacking(self):
        dataset = self.write("mine.jsonl", [{"task_id": "Own/0", **ADD, "tests": "import pytest\ndef test_a():\n    assert add(1, 2) == 3\n"}])
        samples = self.samples(("Own/0", ADD["reference"]))
        told = self.assay("run", "--dataset", dataset, "--samples", samples, code=3)
        self.assertIn("the test texts of 1 suite import pytest, which the jail does not have: --packages pytest admits it", told.stderr)

    def test_tests_of_the_program_are_no_tests_of_the_suite(self):
        """In one process the program's names stand beside the text's: a program's own failing test_... is none of the suite's."""
        dataset = self.write("mine.jsonl", [{
            "task_id": "Own/0", "entry_point": "Stack", "reference": "class Stack:\n    def top(self):\n        return 1\n",
            "tests": "def test_top():\n    assert Stack().top() == 1\n"}])
        right = "list = 3\nclass Stack:\n    def top(self):\n        return 1\ndef test_of_mine(): assert False\n"
        self.json("run", "--dataset", dataset, "--samples", self.samples(("Own/0", right)))
        entry, = self.json("show", "--proxy", "official", "--gold", "official")["programs"]
        self.assertEqual([(verdict["status"], verdict["forgeable"]) for verdict in entry["verdicts"]], [("pass", True)])

    def test_the_text_says_file_line_key_and_counts(self):
        told = self.assay("datasets", "check", BROKEN, code=1).stdout
        self.assertIn(f'{BROKEN}:10: key "tests" of Broken/9: no_tests: its text has no statement', told)
        self.assertIn(f'{BROKEN}:9: key "atol" of Broken/8: tolerance_accepts_anything: ', told)
        self.assertRegex(told, r"\nunstable +3  Broken/1 \(base\), Broken/2 \(base\), Broken/3 \(base\)\n")
        self.assertRegex(told, r"15 problems read, \d+ findings\n$")

    def test_tests_of_a_framework_judge_programs(self):
        """Wrong programs passed texts of pytest's and unittest's kind: 10 of 10 in a public report."""
        texts = ("def test_a():\n    assert add(2, 3) == 5\n",
                 "import unittest\nclass TestAdd(unittest.TestCase):\n    def test_a(self):\n"
                 "        self.assertEqual(add(2, 3), 5)\nif __name__ == '__main__':\n    unittest.main()\n")
        dataset = self.write("mine.jsonl", [{"task_id": f"Own/{i}", **ADD, "tests": text} for i, text in enumerate(texts)])
        samples = self.samples(*((f"Own/{i}", body) for i in range(2) for body in (
            "def add(x, y):\n    return y + x\n", "def add(x, y):\n    return 'wrong'\n", "def add(x, y):\n    raise ValueError\n")))
        self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "official")
        shown = self.json("show", "--proxy", "official", "--gold", "official")
        statuses = sorted((entry["task_id"], verdict["status"]) for entry in shown["programs"] for verdict in entry["verdicts"])
        self.assertEqual(statuses, [(f"Own/{i}", status) for i in range(2) for status in ("error", "fail", "pass")])

    def test_tests_whose_names_only_stand_somewhere_are_run(self):
        """Where a test's name stood before a parenthesis, in a docstring or a function that nothing calls, it counted as
        called, was never run, and wrong programs passed."""
        right = "def square(x):\n    return x * x\n"
        test = "def test_large():\n    assert square(10) == 100\n"
        texts = {
            "docstring": 'def test_small():\n    """Unlike test_large(), only 0."""\n    assert square(0) == 0\n' + test,
            "comment": "x = 1  # test_large() is below\n" + test,
            "string": "x = 'test_large()'\n" + test,
            "uncalled": "def every():\n    test_large()\n" + test,
            "recursive": "def test_large(n=3):\n    if n:\n        test_large(n - 1)\n    assert square(10) == 100\n",
            "guarded": test + "if __name__ == '__main__':\n    test_large()\n",
            "called by a function that is called": "def every():\n    test_large()\n" + test + "every()\n",
            "called in a list": test + "for one in [test_large]:\n    one()\n",
            "a class in a class": "class TestA:\n    class TestB:\n        def test_large(self):\n            assert square(10) == 100\n",
            "runTest": "import unittest\nclass Large(unittest.TestCase):\n    def runTest(self):\n        self.assertEqual(square(10), 100)\n",
            "partial": "import functools\ndef of(n):\n    assert square(n) == n * n\ntest_large = functools.partial(of, 10)\n",
        }
        dataset = self.write("own.jsonl", [{"task_id": name, "prompt": "def square(x):\n", "entry_point": "square", "reference": right,
                                            "tests": text} for name, text in texts.items()])
        samples = self.samples(*((name, body) for name in texts for body in (right, "def square(x):\n    return 0\n")))
        self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "official")
        found = self.statuses("official")
        for name in texts:
            with self.subTest(name):
                self.assertEqual([found[name, "0"], found[name, "1"]], ["pass", "fail"])

    def test_a_run_says_that_a_suite_has_no_test(self):
        dataset = self.write("mine.jsonl", [
            {"task_id": "Own/0", **ADD, "tests": "# later\n"}, {"task_id": "Own/1", **ADD, "tests": "assert add(1, 2) == 3\n"}])
        wrong = "def add(x, y):\n    return 'wrong'\n"
        for tasks, remarks in ((("Own/0", "Own/1"), 1), (("Own/1",), 0)):
            samples = self.samples(*((task, wrong + f"# {len(tasks)}\n") for task in tasks))
            told = self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "official", "--append")["run"]["remarks"]
            self.assertEqual(len([one for one in told if "suite official of 1 problem has no test" in one]), remarks, told)

    def test_a_run_says_which_suites_it_doubts(self):
        """Right programs failed and wrong ones passed, and a run said nothing of it; later, only the first run did."""
        dataset = self.write("mine.jsonl", [
            {"task_id": "Own/0", **ADD, "tests": "if True:\n    def check(candidate):\n        assert candidate(1, 2) == 3\n"},
            {"task_id": "Own/1", "entry_point": "f", "reference": "class C: pass\ndef f(x):\n    return C()\n", "base": [[1]]}])
        samples = self.samples(("Own/0", "def add(x, y):\n    return 7\n"), ("Own/1", "def f(x):\n    return 7\n"))
        for _ in range(2):
            told = self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "base,official")
            remarks = told["run"]["remarks"]
            self.assertTrue(any("Own/0, suite official: a program passes that raises on every call" in one for one in remarks), remarks)
            self.assertTrue(any("Own/1, suite base: the reference answers <C object> to call 0 (1,), which nothing equals" in one
                                for one in remarks), remarks)
            self.assertEqual([(one["task_id"], one["suite"]) for one in told["run"]["doubts"]], [("Own/0", "official"), ("Own/1", "base")])
        # A database of before kept no doubts: they are looked for where its suites judge anything.
        self.query("UPDATE reference_run SET doubt = NULL")
        self.assertEqual(self.json("rates", "--proxy", "base", "--gold", "base")["rows"][0]["doubts"], [])
        samples = self.samples(("Own/0", "def add(x, y):\n    return 8\n"), ("Own/1", "def f(x):\n    return 8\n"))
        told = self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "base,official", "--append")
        self.assertEqual([one["task_id"] for one in told["run"]["doubts"]], ["Own/0", "Own/1"])
        row, = self.json("rates", "--proxy", "base", "--gold", "base")["rows"]
        self.assertEqual([(one["task_id"], one["suite"]) for one in row["doubts"]], [("Own/1", "base")])
        self.assay("report", "-o", self.folder / "r.md", "--proxy", "base", "--gold", "base")
        self.assertIn("Its verdicts are to be doubted: Own/1, suite base: ", (self.folder / "r.md").read_text(encoding="utf-8"))

    def test_a_run_says_which_suite_it_leaves_out(self):
        """The tests of an own benchmark were silently no part of a run that had other suites too."""
        both = {"task_id": "Own/0", **ADD, "base": [[1, 2], [1, 1]], "tests": "assert add(1, 2) == 3\n"}
        dataset = self.write("mine.jsonl", [both, {"task_id": "Own/1", **ADD, "tests": "assert add(1, 2) == 3\n"}])
        samples = self.samples(("Own/0", ADD["reference"]), ("Own/1", ADD["reference"]))
        told = self.assay("run", "--dataset", dataset, "--samples", samples).stderr
        self.assertIn("suite official (the tests of 2 problems, 1 of which have no other suite) is not judged unless it is "
                      "asked for: --suite official,base", told)
        for options in (("--suite", "official,base"), ("--suite", "base")):
            self.assertNotIn("is not judged unless", self.assay("run", "--dataset", dataset, "--samples", samples, *options).stderr)

    def test_gold_that_some_problems_lack_counts_the_others(self):
        rows = [{"task_id": f"Own/{i}", **ADD, "base": [[1, 2], [1, 1]]} for i in range(3)]
        rows[0]["suites"] = {"hidden": [[1, 5]]}
        dataset = self.write("mine.jsonl", rows)
        samples = self.samples(*((f"Own/{i}", "def add(x, y):\n    return x + min(y, 2)\n") for i in range(3)),
                               ("Own/0", "def add(x, y):\n    return 0\n"))
        self.assay("run", "--dataset", dataset, "--samples", samples)
        told = self.assay("rates", "--proxy", "base", "--gold", "base,hidden").stdout
        self.assertIn("2 samples are of problems that lack a suite asked for (2 problems)", told)
        told = self.assay("rates", "--proxy", "base", "--gold", "hidden").stderr
        self.assertIn("`assay run --full` judges them, and --gold base,hidden does without", told)

    def test_own_calls_from_file_to_verdict(self):
        """Exceptions, printed text, changed arguments, methods and operations could be judged by test texts alone."""
        own = [json.loads(line) for line in OWN_CALLS.read_text(encoding="utf-8").splitlines()]
        dataset = self.write("mine.jsonl", [{key: row[key] for key in row if key not in ("right", "wrong")} for row in own])
        self.assertIn("no wrong program does", self.assay("datasets", "check", dataset).stdout)
        samples = self.samples(*((row["task_id"], row[side]) for row in own for side in ("right", "wrong")))
        self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "base")
        shown = self.json("show", "--proxy", "base", "--gold", "base")
        statuses = {(entry["task_id"], sample): verdict["status"] for entry in shown["programs"]
                    for sample in entry["sample_ids"] for verdict in entry["verdicts"]}
        self.assertEqual(len(statuses), 2 * len(own))
        for row in own:
            found = sorted(status for (task, _), status in statuses.items() if task == row["task_id"])
            self.assertEqual(found, ["fail", "pass"], row["task_id"])
        self.assay("report", "-o", self.folder / "r.html", "--proxy", "base", "--gold", "base")
        self.assay("suite", "--proxy", "base", "--gold", "base")

    def test_a_weak_and_a_strong_test_text(self):
        dataset = self.write("mine.jsonl", [{
            "task_id": "Own/0", "entry_point": "f", "reference": "def f(x):\n    return abs(x)\n",
            "suites": {"weak": "assert f(1) == 1 and f(2) == 2\n", "strong": "assert f(1) == 1 and f(-1) == 1\n"}}])
        samples = self.samples(("Own/0", "def f(x):\n    return x\n"), ("Own/0", "def f(x):\n    return max(x, -x)\n"))
        self.json("run", "--dataset", dataset, "--samples", samples, "--suite", "weak,strong")
        row, = self.json("rates", "--proxy", "weak", "--gold", "strong")["rows"]
        self.assertEqual((row["tp"], row["fp"], row["accuracy"]), (1, 1, 0.5))


if __name__ == "__main__":
    unittest.main()
