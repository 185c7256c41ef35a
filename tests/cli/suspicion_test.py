"""Gold under suspicion: references that programs outvote, and what no test of gold shows."""
import unittest

from support import PROBLEMS, RIGHT, AssayTest

# Of negative numbers the reference says what its prompt does not: nobody else does.
ODD = {"task_id": "Own/2", "prompt": "def size(x):\n", "entry_point": "size",
       "reference": "def size(x):\n    return x\n", "base": [[1], [2]], "plus": [[3], [-4]]}
OTHERS = ("def size(x):\n    return abs(x)\n", "def size(x):\n    return max(x, -x)\n",
          "def size(x):\n    return x if x > 0 else -x\n")


class Suspicion(AssayTest):
    def judge(self):
        self.dataset = self.write("own.jsonl", [PROBLEMS[0], ODD])
        given = [("Own/0", RIGHT["Own/0"])]
        self.run_samples(self.samples(*given, ("Own/2", OTHERS[0]), ("Own/2", OTHERS[1]), name="a.jsonl", model="a"))
        self.run_samples(self.samples(*given, ("Own/2", OTHERS[2]), ("Own/2", ODD["reference"]), name="b.jsonl", model="b"))

    def test_a_reference_that_programs_outvote_is_disputed(self):
        self.judge()
        told = self.json("rates", "--disputed")
        one, = told["disputed"]
        self.assertEqual([one[key] for key in ("task_id", "suite", "test", "input", "expected", "answer", "programs",
                                               "models", "reference_programs", "reference_models", "wrong")],
                         ["Own/2", "plus", 1, "(-4,)", "-4", "4", 3, 2, 1, 1, 3])
        self.assertEqual([row["fp"] for row in told["rows"]], [2, 1])
        self.assertEqual([(row["problems"], row["fp"]) for row in told["undisputed"]["rows"]], [(1, 0), (1, 0)])
        text = self.assay("rates", "--disputed").stdout
        for part in ("1 disputed problem\n", "No wrong pass is one by time alone", "Rates four ways"):
            self.assertIn(part, text)

    def test_what_is_only_slow_is_measured_once_and_counts_as_right_beside(self):
        slow = "import time\ndef {0}({1}):\n    end = time.process_time() + {2}\n    while {1} == {3} and " \
               "time.process_time() < end:\n        pass\n    return {4}\n"
        twice = slow.format("double", "x", 0.5, 0, "x * 2")      # right on 0, in half a second
        never = slow.format("double", "x", 3600, 0, "x * 2")
        late = slow.format("double", "x", 0.5, 0, "x * 2 if x != 'ab' else x")
        given = self.samples(*RIGHT.items(), *(("Own/1", text) for text in (twice, never, late)))
        limits = ("--limits", "test_cpu_s=0.1")
        self.assertEqual(self.run_samples(given, *limits)["run"]["slow_judged"], 0)
        one, = self.json("rates", "--disputed")["only_slow"]
        self.assertEqual([one["by_time"], one["measured"], one["only_slow"]], [3, 0, None])
        self.assertEqual(self.json("rates", "--disputed")["slow_right"]["rows"], [])
        self.assertIn("not measured: assay run --only-slow", self.assay("rates", "--disputed").stdout)

        run = self.run_samples(given, *limits, "--only-slow")["run"]
        self.assertEqual([run["judged"], run["slow_judged"], run["slow_passed"]], [0, 3, 1])
        self.assertEqual(self.run_samples(given, *limits, "--only-slow")["run"]["slow_judged"], 0)
        told = self.json("rates", "--disputed")
        one, = told["only_slow"]
        self.assertEqual([one["by_time"], one["measured"], one["only_slow"]], [3, 3, 1])
        as_it_is, = told["rows"]
        row, = told["slow_right"]["rows"]
        self.assertEqual([(r["tp"], r["fp"], r["fp_timeout"]) for r in (as_it_is, row)], [(2, 3, 3), (3, 2, 2)])
        self.assertEqual([r["fdr"] for r in (as_it_is, row)], [0.6, 0.4])
        self.assertEqual(told["undisputed_slow_right"]["rows"][0]["fp"], 2)
        self.assertIn("3 were judged with more of it, and 1 are only slow", self.assay("rates", "--disputed").stdout)
        refused = self.assay("rates", "--csv", "--disputed", code=2).stderr
        self.assertIn("--csv has no place for what --disputed adds", refused)

    def test_no_test_is_advised_where_the_reference_is_disputed(self):
        self.judge()
        told = self.json("suite")
        self.assertEqual(told["problems"], [])
        self.assertEqual([one["task_id"] for one in told["disputed"]], ["Own/2"])
        self.assertIn("1 disputed problem is left out", self.assay("suite").stdout)
        page = self.folder / "page.md"
        self.assay("report", "--format", "markdown", "-o", page)
        self.assertIn("1 problem is disputed", page.read_text(encoding="utf-8"))

    def test_nothing_is_disputed_among_those_who_agree(self):
        self.run_samples(self.samples(*RIGHT.items()))
        self.assertEqual(self.json("rates", "--disputed")["disputed"], [])
        self.assertIn("No problem is disputed", self.assay("rates", "--disputed").stdout)

    def test_with_few_problems_nothing_is_said_of_what_gold_misses(self):
        self.judge()
        rows = self.json("rates", "--unseen")["unseen"]
        self.assertEqual([(row["model"], row["wrong"], row["missed_upper"]) for row in rows],
                         [("a", 2, None), ("b", 1, None), (None, 3, None)])
        self.assertIn("too few to say", rows[0]["note"])
        self.assertIn("What gold still misses", self.assay("rates", "--unseen").stdout)


if __name__ == "__main__":
    unittest.main()
