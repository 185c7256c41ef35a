"""`assay datasets check`: every way in which a benchmark is broken has a name, and the sound ones have none."""
import json
import pathlib
import unittest

from support import AssayTest

BROKEN = pathlib.Path(__file__).with_name("broken_benchmarks.jsonl")
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

    def test_the_text_says_file_line_key_and_counts(self):
        told = self.assay("datasets", "check", BROKEN, code=1).stdout
        self.assertIn(f'{BROKEN}:10: key "tests" of Broken/9: no_tests: its text has no statement', told)
        self.assertIn(f'{BROKEN}:9: key "atol" of Broken/8: tolerance_accepts_anything: ', told)
        self.assertRegex(told, r"\nunstable +3  Broken/1 \(base\), Broken/2 \(base\), Broken/3 \(base\)\n")
        self.assertRegex(told, r"14 problems read, \d+ findings\n$")

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


if __name__ == "__main__":
    unittest.main()
