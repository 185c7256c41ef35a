"""Problems of competitions in the forms of their hubs, from the file to the verdict, and checkers of outputs."""
import base64
import json
import pickle
import unittest
import zlib

from support import AssayTest


def cases(kind, *pairs):
    return [{"input": given, "output": right, "testtype": kind} for given, right in pairs]


def live_code_bench():
    """A script, whose private tests are packed as the hub packs them, and a method."""
    common = {"question_title": "T", "question_content": "Q", "platform": "atcoder", "contest_id": "c", "contest_date": "2024-01-01T00:00:00",
              "difficulty": "easy"}
    hidden = json.dumps(cases("stdin", ("2 3\n", "5\n"), ("-1 1\n", "0\n")))
    packed = base64.b64encode(zlib.compress(pickle.dumps(hidden))).decode()
    yield {**common, "question_id": "abc001_a", "starter_code": "", "public_test_cases": json.dumps(cases("stdin", ("1 2\n", "3"))),
           "private_test_cases": packed, "metadata": "{}"}
    yield {**common, "question_id": "2777", "starter_code": "class Solution:\n    def pairs(self, a: List[int], n: int) -> List[List[int]]:\n        ",
           "public_test_cases": json.dumps(cases("functional", ("[1, 2]\n2", "[[1, 2]]"))),
           "private_test_cases": json.dumps(cases("functional", ("[3]\n1", "[[3]]"), ("[]\n5", "[]"))),
           "metadata": json.dumps({"func_name": "pairs"})}


ADDS = "print(sum(map(int, input().split())))\n"
PAIRS = "class Solution:\n    def pairs(self, a: List[int], n: int) -> List[List[int]]:\n        return %s\n"


class Competitions(AssayTest):
    def run_suites(self, rows, samples, *suites):
        dataset = self.write("d.jsonl", rows)
        self.json("run", "--dataset", dataset, "--samples", samples, "--suite", *suites, "--full")
        told = {}
        for entry in self.json("show", "--proxy", suites[0], "--gold", suites[-1])["programs"]:
            for sample in entry["sample_ids"]:
                told[entry["task_id"], sample] = [next(v["status"] for v in entry["verdicts"] if v["suite"] == suite) for suite in suites]
        return told

    def test_live_code_bench_from_its_own_files(self):
        """Problems as the hub has them, programs as --custom_output_file wants them."""
        samples = self.folder / "m.json"
        samples.write_text(json.dumps([
            {"question_id": "abc001_a", "code_list": [ADDS, "print(3)\n", "import threading, time\ndef late():\n    n = sum(map(int, "
                                                      "input().split()))\n    time.sleep(.05)\n    print(n)\nthreading.Thread(target=late).start()\n"]},
            {"question_id": "2777", "code_list": [PAIRS % "[tuple(a[i:i + n]) for i in range(0, len(a), n)]", PAIRS % "[a]", PAIRS % "inf"]}]))
        told = self.run_suites(live_code_bench(), samples, "public", "hidden")
        self.assertEqual(told, {("abc001_a", "0"): ["pass", "pass"], ("abc001_a", "1"): ["pass", "fail"], ("abc001_a", "2"): ["pass", "pass"],
                                ("2777", "0"): ["pass", "pass"], ("2777", "1"): ["pass", "fail"], ("2777", "2"): ["fail", "fail"]})
        row, = self.json("rates", "--proxy", "public", "--gold", "hidden")["rows"]
        self.assertEqual((row["tp"], row["fp"]), (3, 2))

    def test_a_pickle_is_not_executed(self):
        class Hostile:
            def __reduce__(self):
                return open, (str(marker), "w")
        marker = self.folder / "executed"
        row = next(live_code_bench())
        row["private_test_cases"] = base64.b64encode(zlib.compress(pickle.dumps(Hostile()))).decode()
        done = self.assay("datasets", "check", self.write("d.jsonl", [row]), code=1)
        self.assertIn('d.jsonl:1: "private_test_cases": the pickle in it is not one of a single text; it is not executed', done.stdout + done.stderr)
        self.assertFalse(marker.exists())

    def test_verl_apps_and_code_contests(self):
        verl = {"data_source": "taco", "prompt": [{"role": "user", "content": "Add."}], "ability": "code", "extra_info": {"split": "train", "index": 4},
                "reward_model": {"style": "rule", "ground_truth": json.dumps({"inputs": ["1 2\n"] * 10 + ["5 5\n"], "outputs": ["3\n"] * 10 + ["10\n"]})}}
        # verl's own reward function looks at the first ten tests.
        self.assertEqual(self.run_suites([verl], self.samples(("taco/4", ADDS), ("taco/4", "print(3)\n")), "official"),
                         {("taco/4", "0"): ["pass"], ("taco/4", "1"): ["fail"]})
        self.db.unlink()
        apps = {"problem_id": 7, "question": "Double.", "solutions": "[]", "difficulty": "introductory", "url": "", "starter_code": "def double(x):\n\t",
                "input_output": json.dumps({"fn_name": "double", "inputs": [[2], ["ab"]], "outputs": [[4], ["abab"]]})}
        self.assertEqual(self.run_suites([apps], self.samples(("APPS/7", "def double(x): return 2 * x\n"), ("APPS/7", "def double(x): return [2 * x]\n"),
                                                              ("APPS/7", "def double(x): return x\n")), "official"),
                         {("APPS/7", "0"): ["pass"], ("APPS/7", "1"): ["pass"], ("APPS/7", "2"): ["fail"]})
        self.db.unlink()
        contest = {"name": "1_A. Sum", "description": "D", "public_tests": {"input": ["1 2\n"], "output": ["3\n"]}, "private_tests": {"input": [], "output": []},
                   "generated_tests": {"input": ["5 6\n"], "output": ["11\n"]}, "time_limit": {"seconds": 2, "nanos": 0}}
        self.assertEqual(self.run_suites([contest], self.samples(("1_A. Sum", ADDS), ("1_A. Sum", "print(3)\n")), "public", "generated"),
                         {("1_A. Sum", "0"): ["pass", "pass"], ("1_A. Sum", "1"): ["pass", "fail"]})

    def test_a_checker_decides_and_its_own_failure_is_no_verdict(self):
        checker = ("import sys\nwanted = int(open(sys.argv[1]).read())\nwords = open(sys.argv[2]).read().split()\n"
                   "if len(words) != 2: sys.exit('two numbers, please')\nsys.exit(sum(map(int, words)) != wanted)\n")
        problem = {"task_id": "S/0", "suites": {"hidden": [{"input": "7\n"}, {"input": "-1\n"}]}, "checker": checker}
        dataset = self.write("d.jsonl", [problem])
        samples = self.samples(("S/0", "print(int(input()), 0)"), ("S/0", "print(input())"), ("S/0", "print(1, 'x')"))
        done = self.assay("run", "--dataset", dataset, "--samples", samples, "--suite", "hidden", code=3)
        self.assertIn("missing", done.stdout + done.stderr)
        told = {sample: (verdict["status"], verdict["message"]) for entry in self.json("show", "--proxy", "hidden", "--gold", "hidden")["programs"]
                for sample in entry["sample_ids"] for verdict in entry["verdicts"]}
        self.assertEqual(told["0"][0], "pass")
        self.assertEqual(told["1"], ("fail", "the checker rejects it: two numbers, please"))
        self.assertEqual(told["2"][0], "missing")
        self.assertIn("the checker failed: ValueError: invalid literal for int()", told["2"][1])
        self.assay("datasets", "check", dataset)
        problem["checker"] = checker.replace("if len(words) != 2: sys.exit('two numbers, please')\n", "assert len(words) == 2\n")
        finding, = json.loads(self.assay("datasets", "check", self.write("d.jsonl", [problem]), "--json", code=1).stdout)["findings"]
        self.assertEqual(finding["kind"], "checker_fails")
        self.assertIn("the checker fails on an empty output to test 0: AssertionError", finding["what"])


if __name__ == "__main__":
    unittest.main()
