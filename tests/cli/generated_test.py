"""Tests that a model wrote: `assay tests`, the scores it makes, `limits --select codet`."""
import json
import os
import subprocess
import time
import unittest

from support import RIGHT, AssayTest, descendants, wait_until_gone

WRONG = {"Own/0": "def largest(numbers):\n    best = 0\n    for x in numbers:\n        best = max(best, x)\n    return best\n",
         "Own/1": "def double(x):\n    return x\n"}
# Own/0: three right, one wrong; Own/1: one right, two wrong that agree, one that is wrong in another way.
SAMPLES = [("Own/0", RIGHT["Own/0"])] * 2 + [("Own/0", "def largest(numbers):\n    return max(numbers)\n"), ("Own/0", WRONG["Own/0"]),
           ("Own/1", RIGHT["Own/1"]), ("Own/1", WRONG["Own/1"]), ("Own/1", WRONG["Own/1"] + "# the same\n"),
           ("Own/1", "def double(x):\n    return 0\n")]
TESTS = [{"task_id": "Own/0", "tests": ["assert largest([1, 2]) == 2", "assert largest([-1, -2]) == -1", "assert largest([4]) == 5",
                                        {"assert": "assert largest(numbers=[2, 1]) == 2", "weight": 3}]},
         {"task_id": "Own/1", "test": "assert double(1) == 1", "weight": 2},
         {"task_id": "Own/1", "test": "assert double(0) == 0"},
         {"task_id": "Own/1", "test": "assert double(3)==6"},
         {"task_id": "Own/1", "test": "assert double( 3 ) == 6"}]


class Generated(AssayTest):
    def judged(self):
        self.run_samples(self.samples(*SAMPLES))

    def taken(self, rows=TESTS, *more, name="tests.jsonl", **options):
        return self.json("tests", self.write(name, rows), "--dataset", self.dataset, "--replicates", 200, *more, **options)

    def scores(self, verifier):
        return [row[0] for row in self.query(
            "SELECT value FROM score JOIN verifier v ON v.id = verifier_id JOIN sample s ON s.id = score.sample_id "
            f"WHERE v.name = '{verifier}' ORDER BY s.id")]

    def test_every_assertion_has_a_verdict_and_scores_follow(self):
        self.judged()
        said = self.taken()
        self.assertEqual((said["assertions"], said["repeated"], said["not_assertions"], said["by_calls"]), (7, 1, 0, 6))
        self.assertEqual((said["judged"], said["already_judged"], said["missing"]), (7, 0, 0))  # distinct programs
        reference = said["reference"]
        self.assertEqual((reference["kept"], reference["contradicted"], reference["unknown"]), (5, 2, 0))
        self.assertEqual(reference["by_problem"][1], {"task_id": "Own/1", "kept": 2, "contradicted": 1, "unknown": 0})
        # Weights: of Own/0 1, 1, 1 (wrong) and 3; of Own/1 2 (wrong), 1 and 2.
        self.assertEqual(self.scores("generated.share"), [5 / 6] * 3 + [4 / 6] + [3 / 5] * 3 + [1 / 5])
        codet = self.scores("generated.codet")
        for got, want in zip(codet, [3 ** .5 * 5] * 3 + [4] + [3] + [2 ** .5 * 3] * 2 + [1]):
            self.assertAlmostEqual(got, want)
        again = self.taken()
        self.assertEqual((again["judged"], again["already_judged"]), (0, 7))
        self.assertEqual(again["rows"], said["rows"])

    def test_a_database_names_no_interpreter(self):
        # `tests` and `probe` started whatever a database said had judged its samples, outside the jail.
        self.judged()
        mark, evil = f"{self.folder}/mark", f"{self.folder}/evil"
        with open(evil, "w") as file:
            file.write(f"#!/bin/sh\ntouch {mark}\n")
        os.chmod(evil, 0o755)
        self.query(f"UPDATE run SET options = json_set(options, '$.python', '{evil}', '$.allow_weaker', json('true'))")
        tests = self.write("tests.jsonl", TESTS)
        for command in (["tests", tests, "--dataset", self.dataset], ["probe"]):
            said = self.assay(*command, code=1).stderr
            self.assertIn(f"the samples of m were judged with --python {evil}; this is --python /usr/bin/python3: say the same", said)
            self.assertFalse(os.path.exists(mark))

    def test_rates_by_number_are_what_every_choice_of_tests_says(self):
        self.judged()
        by = self.taken()["rows"][0]["by_number"]
        self.assertEqual(by["tests"], [1, 2, 3, 4])
        # One test: Own/0 accepts 3 x 3/4 + 1 x 2/4 of 4, Own/1 2/3 each of three and 1/3 of the last.
        self.assertAlmostEqual(by["acceptance"][0], (2.75 / 4 + (2 + 1 / 3) / 4) / 2)
        wrong = (.5 / 4 + (2 * 2 / 3 + 1 / 3) / 4) / 2
        self.assertAlmostEqual(by["fdr"][0], wrong / by["acceptance"][0])
        self.assertEqual(by["acceptance"][3], 0)
        self.assertIsNone(by["fdr"][3])
        valid = self.taken(TESTS, "--valid")["rows"][0]
        self.assertEqual(valid["verifiers"], ["generated.valid.share", "generated.valid.codet"])
        self.assertEqual(valid["by_number"]["fdr"][-1], 0)
        self.assertEqual(self.scores("generated.valid.share"), [1] * 3 + [4 / 5] + [1] + [1 / 3] * 2 + [1 / 3])

    def test_the_scores_are_verifiers_everywhere(self):
        self.judged()
        before = self.json("rates")["rows"]
        self.taken()
        # The suite decides no truth unless it is asked for: the rates are what they were.
        self.assertEqual(self.json("rates")["rows"], before)
        row = self.json("rates", "--proxy", "generated.share>=0.8")["rows"][0]
        self.assertEqual([row[key] for key in ("tp", "fp", "fn", "tn")], [3, 0, 1, 4])
        self.assertEqual(self.json("rates", "--proxy", "generated")["rows"][0]["acceptance"], 0)
        roc = self.json("roc", "--verifier", "generated.share", "--replicates", 200)["rows"][0]
        self.assertEqual((roc["samples"], roc["right"]), (8, 4))
        best = self.json("limits", "--proxy", "generated.codet", "--select", "best", "--replicates", 200)["rows"][0]
        self.assertEqual(best["accuracy"][3], .5)
        codet = self.json("limits", "--proxy", "generated", "--select", "codet", "--replicates", 200, "--orders", 2000)["rows"][0]
        self.assertAlmostEqual(codet["accuracy"][0], .5, delta=4.5 * codet["error"][0])
        self.assertEqual(codet["accuracy"][3], .5)  # the two wrong ones agree with each other and with the wrong test
        valid = self.json("limits", "--proxy", "generated.valid", "--select", "codet", "--replicates", 200)["rows"][0]
        self.assertEqual(valid["accuracy"][3], 1)
        self.assertIn("it is best, weighted, vote, codet", self.assay("limits", "--proxy", "generated", "--select", "luck", code=2).stderr)
        self.assertIn("assay tests", self.assay("limits", "--proxy", "base", "--select", "codet", code=2).stderr)

    def test_another_file_of_the_same_name_takes_its_place(self):
        self.judged()
        self.taken()
        said = self.taken([TESTS[0]], name="other.jsonl")
        self.assertEqual([row["task_id"] for row in said["reference"]["by_problem"]], ["Own/0"])
        self.assertEqual(said["judged"], 0)
        self.assertEqual(len(self.scores("generated.share")), 4)  # those of the other problem are gone
        # Where weights alone differ, nothing is judged anew.
        heavier = dict(TESTS[0], tests=TESTS[0]["tests"][:3] + [{"assert": "assert largest(numbers=[2, 1]) == 2", "weight": 7}])
        self.assertEqual(self.taken([heavier])["judged"], 0)
        self.assertEqual(self.scores("generated.share")[:4], [9 / 10] * 3 + [8 / 10])

    def test_a_program_that_deletes_its_function_where_texts_run_keeps_what_it_passed(self):
        # It broke an invariant and ended the whole of `assay tests`; then the call that it passed would have counted as failed.
        sockets = ("import os, stat\nn = 0\nfor fd in range(200):\n    try: n += stat.S_ISSOCK(os.fstat(fd).st_mode)\n"
                   "    except OSError: pass\ndef double(x): return 2 * x\nif n > 1: del double\n")
        self.run_samples(self.samples(("Own/1", RIGHT["Own/1"]), ("Own/1", sockets)))
        said = self.taken([{"task_id": "Own/1", "tests": ["assert double(2) == 4", "assert double(3) + 0 == 6", "assert await double(2) == 4"]}])
        self.assertEqual((said["judged"], said["missing"], said["assertions"], said["not_assertions"]), (2, 0, 2, 1))
        self.assertEqual(self.scores("generated.share"), [1, 1 / 2])

    def test_scores_of_another_file_do_not_stay_under_its_name(self):
        # Asked for one model, or killed before it had scores, the command left those of the file before.
        self.judged()
        self.run_samples(self.samples(("Own/1", WRONG["Own/1"]), name="n.jsonl", model="n"))
        kept = "SELECT count(*) FROM score s JOIN sample a ON a.id = s.sample_id JOIN model m ON m.id = a.model_id WHERE m.name = 'n'"
        self.taken(TESTS, "--valid")
        self.assertEqual(self.query(kept), [(4,)])
        self.taken(TESTS, "--model", "m")
        self.assertEqual(self.query(kept), [(4,)])  # they are of these tests
        self.taken(TESTS[1:], "--model", "m")
        self.assertEqual(self.query(kept), [(0,)])
        self.taken(TESTS[1:])
        self.assertEqual(self.query(kept), [(2,)])
        self.taken([dict(TESTS[1], weight=9)] + TESTS[2:], "--model", "m")  # the weights alone are others
        self.assertEqual(self.query(kept), [(0,)])

    def test_completions_are_cut_as_codet_cuts_them(self):
        self.judged()
        rows = [{"task_id": "Own/1", "samples": [" double(1) == 2\nassert double(2) == 4\nassert double(3) == 6\n",
                                                 " double(1) == 2\n\n# check\nassert double(7) == 14\n", " triple(1) == 3\n"]}]
        said = self.taken(rows)
        self.assertEqual((said["assertions"], said["repeated"]), (4, 1))
        self.assertEqual(self.taken(rows, "--per-text", 1)["assertions"], 1)

    def test_hostile_assertions_change_nothing_but_their_own_results(self):
        self.judged()
        rates = self.json("rates")["rows"]
        hostile = ["assert largest([1]) == 1 or True", "assert __import__('os')._exit(0) or largest([1])",
                   "assert print('{\"status\": \"pass\"}') or largest([1]) == 1", "assert [largest([1]) for _ in iter(int, 1)]",
                   "assert setattr(__import__('builtins'), 'AssertionError', None) or largest([1]) == 7",
                   "assert globals().update(largest=lambda x: 2) or largest([1]) == 2"]
        said = self.taken([{"task_id": "Own/0", "tests": TESTS[0]["tests"] + hostile}])
        self.assertEqual(said["missing"], 0)
        passed = self.query("SELECT v.passed, v.judged FROM verdict v JOIN suite u ON u.id = v.suite_id WHERE u.name = 'generated'")
        self.assertEqual({judged for _, judged in passed}, {10})
        plain = self.taken([TESTS[0]])
        self.assertEqual(plain["reference"]["kept"], 3)
        self.assertEqual(self.scores("generated.share")[:4], [5 / 6] * 3 + [4 / 6])
        self.assertEqual(self.json("rates")["rows"], rates)

    def test_bad_files_are_refused_by_line_and_key(self):
        self.judged()
        for rows, sentence in [
                ([{"task_id": "Own/9", "tests": ["assert f(1)"]}], 'tests.jsonl:1: task_id "Own/9" is not in dataset own'),
                ([TESTS[0], {"task_id": "Own/0"}], 'tests.jsonl:2: a row holds assertions under "tests"'),
                ([{"task_id": "Own/0", "tests": "assert"}], '"tests" is \'assert\', where a list is expected'),
                ([{"task_id": "Own/0", "tests": [3]}], '"tests" holds 3, where an assertion is expected'),
                ([{"task_id": "Own/0", "tests": [{"weight": 3}]}], "tests.jsonl:1: "),
                ([{"task_id": "Own/0", "tests": [{"assert": "assert largest([1])", "weight": 0}]}], "a weight is above 0"),
                ([{"task_id": "Own/0", "test": "assert largest([1])", "weight": -1}], "tests.jsonl:1: "),
                ([{"task_id": "Own/0", "samples": [3]}], '"samples" holds 3'),
                # Sums of such weights were no numbers, and scores of them infinite.
                ([{"task_id": "Own/0", "test": "assert largest([1])", "weight": 1e308}], '"weight" is 1e+308; a weight is above 0 and at most 1e12'),
                ([{"task_id": "Own/0", "tests": [{"assert": "assert largest([1])", "weight": float("inf")}]}], "tests.jsonl:1: "),
                # The weight, and the second key, were passed over in silence.
                ([{"task_id": "Own/0", "tests": ["assert largest([1])"], "weight": 2}], '"weight" stands beside "tests"'),
                ([{"task_id": "Own/0", "samples": [" largest([1])"], "weight": 2}], '"weight" stands beside "samples"'),
                ([{"task_id": "Own/0", "tests": ["assert largest([1])"], "test": "assert 1"}], '"tests" and "test" stand in one row'),
                ([{"task_id": "Own/0", "tests": ["largest([1])", "assert 1", "assert largest([1"]}],
                 "none of its 3 texts is an assertion on a problem's entry point (Own/0: `largest([1])`: it is not one assert")]:
            with self.subTest(sentence=sentence):
                self.assertIn(sentence, self.assay("tests", self.write("tests.jsonl", rows), "--dataset", self.dataset, code=1).stderr)
        said = self.taken([{"task_id": "Own/0", "tests": ["assert largest([1]) == 1", "assert largest([1", "assert 1"]}])
        self.assertEqual((said["assertions"], said["not_assertions"]), (1, 2))

    def test_a_weight_that_no_test_has_is_refused(self):
        # A misspelt --weight made all tests weigh the same, without a word.
        self.judged()
        path = self.write("tests.jsonl", TESTS)
        said = self.assay("tests", path, "--dataset", self.dataset, "--weight", "wieght", code=2).stderr
        self.assertIn("--weight wieght: no test of ", said)
        renamed = self.write("renamed.jsonl", [{"task_id": "Own/1", "test": "assert double(1) == 2", "n": 5}])
        self.json("tests", renamed, "--dataset", self.dataset, "--weight", "n")

    def test_scores_from_elsewhere_take_no_name_of_generated_tests(self):
        # Scores of another benchmark stood under the name of the tests' own in `roc`.
        self.judged()
        self.taken()
        rows = self.write("scores.jsonl", [{"model": "x", "task_id": "T/0", "sample_id": "0", "score": .25, "correct": 1}])
        said = self.assay("import", "scores", rows, "--dataset", "other", "--verifier", "generated.valid.share", code=2).stderr
        self.assertIn("has tests called generated, and this is what the scores that they give are called", said)

    def test_names_and_samples_that_cannot_be_are_refused(self):
        path = self.write("tests.jsonl", TESTS)
        self.judged()
        for name, sentence in [("base", "it is a suite of the public"), ("official", "it is a suite of the public"), ("a,b", "--name a,b"),
                               ("x>=1", "--name x>=1")]:
            self.assertIn(sentence, self.assay("tests", path, "--dataset", self.dataset, "--name", name, code=2).stderr)
        self.assertIn("has no samples of own", self.assay("tests", path, "--dataset", self.dataset, "--db", self.other(), code=1).stderr)
        self.assertIn("Example: assay tests", self.assay("tests", "--help").stdout)

    def test_names_that_would_take_the_place_of_other_scores_are_refused(self):
        # Scores that were taken in from a file were destroyed under the names that `assay tests` gives its own.
        path = self.write("tests.jsonl", TESTS)
        self.judged()
        for name in ("a.valid", "a.share", "a.codet"):
            self.assertIn(f"--name {name}: \"{name[1:]}\" is what", self.assay("tests", path, "--dataset", self.dataset, "--name", name, code=2).stderr)
        rows = [{"model": "m", "task_id": task, "sample_id": f"{i}", "score": .25} for task in ("Own/0", "Own/1") for i in range(4)]
        self.assay("import", "scores", self.write("scores.jsonl", rows), "--dataset", "own", "--verifier", "judge.valid.codet")
        before = self.scores("judge.valid.codet")
        self.assertEqual(len(before), 8)
        self.assertIn("judge.valid.codet is a verifier whose scores came from elsewhere",
                      self.assay("tests", path, "--dataset", self.dataset, "--name", "judge", code=2).stderr)
        self.assertEqual(self.scores("judge.valid.codet"), before)
        for _ in range(2):  # its own scores are no obstacle
            self.taken(TESTS, "--name", "mine", "--valid")

    def test_a_gold_suite_that_is_not_there_is_refused_before_anything_is_judged(self):
        # Everything was judged first, and no sample had a truth.
        self.judged()
        said = self.assay("tests", self.write("tests.jsonl", TESTS), "--dataset", self.dataset, "--gold", "base,bogus", code=2).stderr
        self.assertIn("--gold bogus: ", said)
        self.assertIn("has no such suite; it has base, ", said)
        self.assertEqual(self.query("SELECT count(*) FROM suite WHERE name = 'generated'"), [(0,)])
        self.assertEqual(self.taken(TESTS, "--gold", "base")["rows"][0]["gold"], "base")

    def other(self):
        """A database with samples of another benchmark."""
        path = self.folder / "other.db"
        self.assay("run", "--dataset", "builtin", "--samples", "builtin", "--task", "Builtin/0", "--quiet", "--db", path)
        return path

    def test_samples_judged_under_other_limits_are_judged_so_by_tests_too(self):
        self.run_samples(self.samples(*SAMPLES), "--limits", "test_cpu_s=0.4,memory_mib=512", "--comparison", "evalplus")
        self.taken()
        self.assertEqual(self.query("SELECT count(DISTINCT condition_id) FROM verdict"), [(1,)])
        self.assertEqual(self.json("rates")["rows"][0]["samples"], 8)

    def test_kill_9_in_the_middle_then_the_same_command(self):
        count = 60
        self.run_samples(self.samples(*[
            ("Own/0", f"def largest(numbers):\n    x = {i}\n    for _ in range(400000): x += 1\n"
                      f"    return {'min' if i % 3 == 0 else 'max'}(numbers)\n") for i in range(count)]))
        path = self.write("tests.jsonl", [dict(TESTS[0], tests=TESTS[0]["tests"] + [f"assert largest([{i}]) == {i}" for i in range(3)])])
        wanted = ("SELECT count(*) FROM verdict v JOIN suite u ON u.id = v.suite_id WHERE u.name = 'generated'")
        process = subprocess.Popen(self.command("tests", path, "--dataset", self.dataset),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None and self.query(wanted)[0][0] < 8:
            time.sleep(0.05)
        below = descendants(process.pid)
        process.kill()
        process.communicate()
        before = self.query(wanted)[0][0]
        self.assertGreaterEqual(before, 8)
        self.assertLess(before, count)
        self.assertEqual(self.scores("generated.share"), [])
        self.assertEqual(wait_until_gone(below), set())
        said = json.loads(self.assay("tests", path, "--dataset", self.dataset, "--json").stdout)
        self.assertEqual((said["judged"], said["already_judged"]), (count - before, before))
        self.assertEqual(self.query(wanted), [(count,)])
        shares = self.scores("generated.share")
        self.assertEqual(len(shares), count)
        self.assertEqual(sorted(set(shares)), [3 / 9, 8 / 9])


if __name__ == "__main__":
    unittest.main()
