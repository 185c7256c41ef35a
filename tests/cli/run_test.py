"""The main job, as a user meets it: verdicts, rates, doing nothing twice, resuming."""
import json
import signal
import sqlite3
import subprocess
import time
import unittest

from support import RIGHT, AssayTest, descendants, wait_until_gone

VERDICTS = {
    "pass": "def largest(numbers):\n    return max(numbers)\n",
    "fail": "def largest(numbers):\n    return min(numbers)\n",
    "error": "def largest(numbers):\n    raise ValueError('no')\n",
    "timeout": "def largest(numbers):\n    while True: pass\n",
    "memory": "def largest(numbers):\n    return len([0] * (1 << 40))\n",
    "crash": "import os, signal\ndef largest(numbers):\n    os.abort()\n",
    "syntax": "def largest(numbers)\n    return 1\n",
    "no_entry_point": "def greatest(numbers):\n    return max(numbers)\n",
    "output": "def largest(numbers):\n    return 'x' * (64 << 20)\n",
}


class Verdicts(AssayTest):
    def test_every_status(self):
        samples = self.samples(*[("Own/0", text) for text in VERDICTS.values()])
        self.run_samples(samples)
        seen = self.statuses()
        self.assertEqual([seen["Own/0", str(i)] for i in range(len(VERDICTS))], list(VERDICTS))

    def test_a_private_tmp(self):
        program = ("import os, tempfile\n"
                   "if os.path.exists('/tmp/x'): raise OSError('left by another')\n"
                   "def largest(numbers):\n"
                   "    with tempfile.NamedTemporaryFile('w+') as f, open('/tmp/x', 'w') as g, open('here', 'w') as h:\n"
                   "        f.write(str(max(numbers))); f.seek(0)\n"
                   "        return int(f.read())\n")
        samples = self.samples(("Own/0", program), ("Own/0", program + "# again\n"))
        told = self.run_samples(samples, "--suite", "base,official")["rates"]["rows"]
        self.assertEqual(set(self.statuses().values()), {"error"})
        self.assertEqual(told[0]["refused_by_sandbox"], 2)
        self.assertIn("2 of these wanted to write a file; --tmp MIB", self.assay("rates").stdout)
        if self.json("doctor", "--quick")["level"] != "full":
            refused = self.assay("run", "--dataset", self.dataset, "--samples", samples, "--tmp", "1", code=1).stderr
            self.assertIn("--tmp: a private /tmp takes namespaces", refused)
            return
        self.run_samples(samples, "--suite", "base,official", "--tmp", "1")
        # Another condition: nothing of what was judged without it is taken over or lost.
        verdicts = self.query("SELECT status, interpreter LIKE '%/tmp of 1 MiB', count(*) FROM verdict "
                              "JOIN condition ON condition.id = condition_id GROUP BY 1, 2")
        self.assertEqual(sorted(verdicts), [("error", 0, 4), ("pass", 1, 4)])

    def test_a_false_positive_and_its_witness(self):
        wrong = ("def largest(numbers):\n    best = 0\n    for x in numbers:\n"
                 "        best = max(best, x)\n    return best\n")
        result = self.run_samples(self.samples(("Own/0", wrong), ("Own/0", RIGHT["Own/0"])))
        row = result["rates"]["rows"][0]
        self.assertEqual((row["tp"], row["fp"], row["fn"], row["tn"]), (1, 1, 0, 0))
        self.assertEqual(row["fdr"], 0.5)
        shown = self.json("show", "Own/0", "--false-positives")["programs"]
        self.assertEqual(len(shown), 1)
        plus = next(v for v in shown[0]["verdicts"] if v["suite"] == "plus")
        self.assertEqual(plus["witness"],
                         {"test": 0, "input": "([-1, -2],)", "expected": "-1", "actual": "0"})
        suite = self.json("suite")["problems"]
        self.assertEqual([(p["task_id"], p["false_positives"], p["cover"][0]["test"]) for p in suite],
                         [("Own/0", 1, 0)])

    def test_what_base_rejects_is_not_judged_by_plus(self):
        """40% of the verdicts of a real set decided nothing: base had rejected the program."""
        samples = self.samples(("Own/0", VERDICTS["fail"]), ("Own/0", RIGHT["Own/0"]))
        first = self.run_samples(samples)
        self.assertEqual((first["run"]["judged"], first["run"]["decided"]), (3, 1))
        self.assertEqual(self.statuses("plus"), {("Own/0", "1"): "pass"})
        program = self.json("show")["programs"][0]
        self.assertEqual(program["not_run"],
                         [{"suite": "plus", "status": "not_run", "reason": "decided"}])
        self.assertIn("plus     not run: decided, another suite rejects it", self.assay("show").stdout)
        row = first["rates"]["rows"][0]
        self.assertEqual([row[key] for key in ("tp", "fp", "fn", "tn", "not_run")], [1, 0, 0, 1, 0])
        # A rate that needs the verdict says what to run, and with it no other rate changes.
        asked = ("--proxy", "plus", "--gold", "base")
        self.assertEqual(self.json("rates", *asked)["rows"], [])
        self.assertIn("1 samples lack a verdict of plus and base since another suite rejects them; "
                      "`assay run --full` judges them", self.assay("rates", *asked).stderr)
        out = self.folder / "eval_results.json"
        self.assay("export", "evalplus", "--dataset", "own", "-o", out)
        self.assertEqual([(s["base_status"], s["plus_status"])
                          for s in json.loads(out.read_text())["eval"]["Own/0"]],
                         [("fail", "fail"), ("pass", "pass")])
        again = self.run_samples(samples, "--full")
        self.assertEqual(again["run"]["judged"], 1)
        statuses = again["rates"]["rows"][0]["statuses"]
        self.assertEqual((row["statuses"]["plus"], statuses["plus"]), ({"decided": 1, "pass": 1}, {"fail": 1, "pass": 1}))
        self.assertEqual({**again["rates"]["rows"][0], "run": row["run"], "statuses": row["statuses"]}, row)
        self.assertEqual(self.json("rates", *asked)["rows"][0]["samples"], 2)

    def test_depth(self):
        """A program that base accepts meets all of plus, one that it rejects with --full alone."""
        wrong = "def double(x):\n    return 4 if x == 2 else 2 if x == 1 else None\n"
        rejected = "def double(x):\n    return None\n"
        samples = self.samples(("Own/1", wrong), ("Own/1", rejected))
        self.run_samples(samples)
        judged = ("SELECT v.judged FROM verdict v JOIN suite u ON u.id = suite_id "
                  "WHERE u.name = 'plus' ORDER BY program_id")
        self.assertEqual(self.query(judged), [(4,)])
        again = self.run_samples(samples, "--full")
        self.assertEqual(self.query(judged), [(4,), (4,)])
        self.assertEqual(again["run"]["judged"], 1)

    def test_official_runs_the_test_text_in_another_process(self):
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/0", VERDICTS["fail"]))
        self.run_samples(samples, "--suite", "official")
        self.assertEqual(self.statuses("official"), {("Own/0", "0"): "pass", ("Own/0", "1"): "fail"})


class NothingTwice(AssayTest):
    def test_the_same_command_again_judges_nothing(self):
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"]))
        first = self.run_samples(samples)
        self.assertEqual((first["run"]["judged"], first["run"]["styled"]), (4, 2))
        second = self.run_samples(samples)
        self.assertEqual((second["run"]["judged"], second["run"]["added"], second["run"]["known"]),
                         (0, 0, 2))
        self.assertEqual(second["run"]["styled"], 0)
        styles = [program["style"] for program in self.json("show")["programs"]]
        self.assertEqual([(style["names"], style["functions"]) for style in styles], [(2, 1), (2, 1)])
        self.assertEqual(first["rates"]["rows"][0]["tp"], second["rates"]["rows"][0]["tp"])

    def test_identical_programs_run_once(self):
        result = self.run_samples(self.samples(*[("Own/0", RIGHT["Own/0"])] * 5))
        self.assertEqual((result["run"]["judged"], result["run"]["shared"]), (2, 8))
        self.assertEqual(result["rates"]["rows"][0]["samples"], 5)

    def test_append_numbers_on(self):
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        other = self.samples(("Own/0", VERDICTS["fail"]), name="more.jsonl")
        result = self.run_samples(other, "--append")
        self.assertEqual(result["rates"]["rows"][0]["samples"], 2)
        result = self.run_samples(other, "--append")
        self.assertEqual(result["rates"]["rows"][0]["samples"], 3)

    def test_a_resumed_generation_adds_what_is_new(self):
        """A re-ordered file was refused, and the advice (--append) doubled it: 9 -> 21 (case 28)."""
        programs = [("Own/0", RIGHT["Own/0"]), ("Own/0", VERDICTS["fail"]), ("Own/1", RIGHT["Own/1"])]
        self.run_samples(self.samples(*programs[:2]))
        for order in (programs, programs[::-1]):
            result = self.run_samples(self.samples(*order))
            self.assertEqual((result["rates"]["rows"][0]["samples"], result["run"]["left_aside"]), (3, 0))
        other = self.samples(("Own/0", RIGHT["Own/0"] + "# another\n"))
        done = self.assay("run", "--dataset", self.dataset, "--samples", other)
        self.assertIn("2 samples stored before are not among these", done.stderr)

    def test_append_meets_no_number_that_is_taken(self):
        """With ids 0 and 2 stored, --append gave out 2, and then advised to use --append."""
        rows = [{"task_id": "Own/0", "solution": RIGHT["Own/0"], "model": "m", "sample_id": i}
                for i in ("0", "2")]
        self.run_samples(self.write("given.jsonl", rows))
        other = self.samples(("Own/0", VERDICTS["fail"]), name="more.jsonl")
        self.run_samples(other, "--append")
        self.assertEqual(self.query("SELECT sample_id FROM sample ORDER BY id"),
                         [("0",), ("2",), ("3",)])

    def test_other_limits_judge_anew_and_keep_both(self):
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        self.run_samples(samples)
        result = self.run_samples(samples, "--limits", "test_cpu_s=2")
        self.assertEqual(result["run"]["judged"], 2)
        self.assertEqual(self.query("SELECT count(*) FROM verdict"), [(4,)])

    def test_a_completion_is_cut_where_its_function_ends(self):
        samples = self.write("c.jsonl", [{
            "task_id": "Own/1", "model": "m",
            "completion": "    return x * 2\n\nprint(double(3))\nassert False\n"}])
        self.run_samples(samples)
        self.assertEqual(self.statuses(), {("Own/1", "0"): "pass"})
        self.assertEqual(self.query("SELECT form, rules FROM sample"), [("completion", "cut")])


class Broken(AssayTest):
    def test_damaged_expected_outputs_end_the_run_with_one_sentence(self):
        """An error on a worker thread was std::terminate: exit 134, no word on how to resume."""
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"]))
        self.run_samples(samples, "--task", "Own/0", "-j", "1")
        self.query("UPDATE expected SET answers = x'0011'")
        other = self.samples(("Own/0", RIGHT["Own/0"] + "# other\n"), ("Own/1", RIGHT["Own/1"]),
                             name="other.jsonl", model="n")
        command = ("run", "--dataset", self.dataset, "--samples", other, "-j", "1")
        done = self.assay(*command, code=1)
        self.assertIn("the database is damaged: expected outputs cannot be unpacked", done.stderr)
        self.assertIn("Own/0, suite ", done.stderr)
        self.assertIn("this goes on from there:\n  ", done.stderr)
        self.assertNotIn("terminate", done.stderr)


class Doctor(AssayTest):
    def test_offenders_are_stopped_on_this_machine(self):
        told = self.json("doctor")
        self.assertGreaterEqual(told["self_check"]["cases"], 40)
        self.assertEqual(told["self_check"]["breaches"], [])


class Interrupted(AssayTest):
    COUNT = 60

    def many(self):
        """Distinct programs that burn some CPU, a third of them wrong."""
        return self.samples(*[
            ("Own/0", f"def largest(numbers):\n    x = {i}\n    for _ in range(400000): x += 1\n"
                      f"    return {'min' if i % 3 == 0 else 'max'}(numbers)\n")
            for i in range(self.COUNT)])

    def start(self, samples):
        process = subprocess.Popen(
            self.command("run", "--dataset", self.dataset, "--samples", samples),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process

    def wait_for_verdicts(self, process, least=8):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if self.query("SELECT count(*) FROM verdict")[0][0] >= least:
                    return
            except sqlite3.OperationalError:
                pass
            time.sleep(0.05)
        self.fail("no verdicts came in time")

    def check_whole(self, samples):
        self.run_samples(samples)
        self.assertEqual(
            self.query("SELECT count(*), count(DISTINCT program_id || '-' || suite_id) FROM verdict"),
            [(self.COUNT + self.COUNT * 2 // 3, self.COUNT + self.COUNT * 2 // 3)])
        self.assertEqual(self.query("SELECT count(*) FROM decided"), [(self.COUNT // 3,)])
        self.assertEqual(
            self.query("SELECT count(*) FROM verdict v JOIN suite u ON u.id = suite_id "
                       "WHERE u.name = 'base' AND status = 'pass'"), [(self.COUNT * 2 // 3,)])

    def test_kill_9_in_the_middle_then_the_same_command(self):
        samples = self.many()
        process = self.start(samples)
        self.wait_for_verdicts(process)
        below = descendants(process.pid)
        self.assertTrue(below)
        process.kill()
        process.communicate()
        self.assertGreater(self.query("SELECT count(*) FROM verdict")[0][0], 0)
        self.assertEqual(wait_until_gone(below), set())
        self.check_whole(samples)

    def test_sigint_says_how_to_resume(self):
        samples = self.many()
        process = self.start(samples)
        self.wait_for_verdicts(process)
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("run --dataset", err)
        self.assertEqual(wait_until_gone(below), set())
        self.check_whole(samples)


if __name__ == "__main__":
    unittest.main()
