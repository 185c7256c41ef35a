"""What a new user tripped over, following the README: each test's first line tells what happened."""
import json
import signal
import subprocess
import unittest

from support import ASSAY, PROBLEMS, RIGHT, AssayTest

WRONG = ("def largest(numbers):\n    best = 0\n    for x in numbers:\n        best = max(best, x)\n"
         "    return best\n")


class Samples(AssayTest):
    def test_a_folder_is_one_model(self):
        """fold/Own_0/0.py and 1.py gave two models "0.py" and "1.py", each with one sample."""
        fold = self.folder / "fold"
        (fold / "Own_0").mkdir(parents=True)
        for i, text in enumerate((RIGHT["Own/0"], WRONG)):
            (fold / "Own_0" / f"{i}.py").write_text(text)
        for given in (str(fold), f"{fold}/"):
            row, = self.run_samples(given)["rates"]["rows"]
            self.assertEqual((row["model"], row["samples"]), ("fold", 2))
        self.assertEqual(set(self.statuses()), {("Own/0", "0"), ("Own/0", "1")})

    def test_task_keeps_to_stored_samples_too(self):
        """--task 1 judged every stored sample that had no verdict yet, of all problems."""
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"]))
        self.run_samples(samples, "--suite", "official")
        result = self.run_samples(samples, "--task", "1")
        self.assertEqual((result["run"]["judged"], result["run"]["cells"]), (2, 2))
        self.assertEqual(set(self.statuses()), {("Own/1", "0")})

    def test_a_suite_that_is_not_there_is_refused(self):
        """--suite official on a benchmark without it stored all, "0 verdicts wanted", exit 0."""
        bare = self.write("bare.jsonl", [{key: value for key, value in problem.items()
                                          if key != "tests"} for problem in PROBLEMS])
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        done = self.assay("run", "--dataset", bare, "--samples", samples, "--suite", "official",
                          code=2)
        self.assertIn("no problem of dataset bare has it; it has base, plus", done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_a_lone_suite_says_why_no_pass_is_wrong(self):
        """A benchmark with base alone had a dash as fdr, and no word why."""
        lone = self.write("lone.jsonl", [{key: value for key, value in problem.items() if key not in ("plus", "tests")}
                                         for problem in PROBLEMS])
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        why = "correct by: base: the same tests, by which no pass is wrong"
        self.assertIn(why, self.assay("run", "--dataset", lone, "--samples", samples).stdout)
        self.run_samples(samples)
        self.assertNotIn(why, self.assay("rates", "--dataset", self.dataset.stem).stdout)

    def test_what_plus_has_not_judged_is_not_called_wrong(self):
        """After `run --suite base`, suite and show called every program that base accepts a false positive."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])), "--suite", "base")
        gold = ("--gold", "base,plus")
        self.assertEqual(json.loads(self.assay("suite", *gold, "--json").stdout)["problems"], [])
        shown = json.loads(self.assay("show", "--false-positives", *gold, "--json").stdout)
        self.assertNotIn("Own/0", json.dumps(shown))

    def test_a_model_that_plus_has_not_judged_is_named(self):
        """After plus for one of two models, the other's rates rested on the texts that both wrote."""
        wrong = "def double(x):\n    return x * 2 if x in (1, 2) else 0\n"
        both = ("Own/0", RIGHT["Own/0"])
        m = self.samples(both, ("Own/1", RIGHT["Own/1"]), name="m.jsonl")
        n = self.samples(both, ("Own/1", wrong), ("Own/1", "def double(x):\n    return 0\n"),
                         name="n.jsonl", model="n")
        for samples in (m, n):
            self.run_samples(samples, "--suite", "base")
        self.run_samples(m, "--suite", "plus")
        why = "n on own: 1 of the 2 samples that no suite rejects are not judged by plus"
        for command in ("rates", "limits"):
            record = self.json(command)
            self.assertEqual([row["model"] for row in record["rows"]], ["m"], command)
            self.assertTrue(record["left_out"][0].startswith(why), record["left_out"])
            self.assertIn("`assay run --suite plus` on its samples judges them", record["left_out"][0])
            done = self.assay(command)
            self.assertIn("left out: " + why, done.stdout + done.stderr)
        page = self.folder / "r.html"
        self.assay("report", "-o", page)
        self.assertIn("Left out: " + why, page.read_text())
        self.run_samples(n, "--suite", "plus")
        row = self.json("rates", "--model", "n")["rows"][0]
        self.assertEqual((row["tp"], row["fp"], row["tn"], row["undecided"]), (1, 1, 1, 0))

    def test_what_the_database_holds_is_said(self):
        """"holds no verdicts yet", of one that holds others; "all of base and base"."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])), "--suite", "official")
        self.run_samples(self.samples(("Own/1", RIGHT["Own/1"]), model="n"), "--suite", "base")
        for command in ("rates", "limits", "simulate"):
            told = self.assay(command, "--model", "n", "--gold", "base,official").stderr
            self.assertIn("holds no model that these suites judged:", told)
            self.assertIn("n on own: no sample has a verdict of base and official (1 that no run", told)
            self.assertNotIn("no verdicts yet", told)
        told = self.assay("rates", "--model", "m", "--proxy", "base", "--gold", "base").stderr
        self.assertIn("no sample has a verdict of base (1 that no run has judged so", told)

    def test_proxy_and_gold_at_once_is_a_dash_everywhere(self):
        """It was a dash in the table, 0 in JSON and "0.0% [0.0, 0.0]" on the page."""
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"]))
        row = self.run_samples(samples, "--suite", "base")["rates"]["rows"][0]
        self.assertEqual([row[rate] for rate in ("fdr", "fpr", "fp_mass", "ceiling_lower")], [None] * 4)
        self.assertIn(",,,,", self.assay("rates", "--csv").stdout)
        limits = self.json("limits")["rows"][0]
        self.assertIsNone(limits["fp"])
        self.assertNotIn("0.000 [0.000, 0.000]", self.assay("limits").stdout)
        self.assay("report", "-o", self.folder / "r.html")
        self.assertNotIn("0.0% [0.0, 0.0]", (self.folder / "r.html").read_text())

    def test_a_forgotten_extract(self):
        """The rerun with --extract was told to use --append, which would keep the bad samples."""
        samples = self.samples(("Own/0", f"Here it is:\n```python\n{RIGHT['Own/0']}```\n"))
        self.run_samples(samples)
        done = self.assay("run", "--dataset", self.dataset, "--samples", samples, "--extract", code=1)
        self.assertIn("the same text, read in another way (then as solution, now as solution+extract by fenced)", done.stderr)
        self.assertIn("another --model or another --db", done.stderr)
        self.assertNotIn("--append", done.stderr)

    def test_a_sample_id_twice_in_one_file(self):
        """Two rows of one file with one sample_id: the second "is stored", though nothing was."""
        row = {"task_id": "Own/0", "sample_id": "a", "model": "m"}
        path = self.write("twice.jsonl", [{**row, "solution": RIGHT["Own/0"]},
                                          {**row, "solution": WRONG}])
        done = self.assay("run", "--dataset", self.dataset, "--samples", path, code=1)
        self.assertIn(f"{path}:2: sample a of Own/0", done.stderr)
        self.assertIn(f"{path}:1 already", done.stderr)
        self.assertNotIn("stored", done.stderr)

    def test_a_model_that_is_not_used_is_told(self):
        """--model NAME on rows that name theirs was dropped without a word."""
        done = self.assay("run", "--dataset", self.dataset, "--samples",
                          self.samples(("Own/0", RIGHT["Own/0"])), "--model", "other")
        self.assertIn("--model other has no effect: every row names its own model (m)", done.stderr)


class Options(AssayTest):
    def test_pass_at_is_shown(self):
        """rates --pass-at 1,2 changed neither the table nor --csv."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/0", WRONG)))
        table = self.assay("rates", "--pass-at", "1,2").stdout
        self.assertRegex(table, r"pass@1 +pass@2")
        self.assertRegex(table, r"\nm +own +0\.500.* 1\.000")
        header, row = self.assay("rates", "--pass-at", "1,2", "--csv").stdout.splitlines()
        cells = dict(zip(header.split(","), row.replace('"base,plus"', "gold").split(",")))
        self.assertEqual((cells["pass_at_1"], cells["pass_at_2"]), ("0.5", "1"))
        self.assertNotIn("pass@1 ", self.assay("rates").stdout)

    def test_report_json(self):
        """report -o f --json wrote no JSON; without -o it printed HTML."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        page = self.folder / "r.html"
        told = self.json("report", "-o", page)
        self.assertEqual((told["file"], told["bytes"]), (str(page), page.stat().st_size))
        self.assertIn("wants -o FILE", self.assay("report", "--json", code=2).stderr)

    def test_demo_honours_db_and_says_how_it_was_called(self):
        """demo --db foo.db wrote another database; its last line said `assay run`, not on PATH."""
        done = self.assay("demo", "-o", self.folder / "dm", "--db", self.db)
        self.assertGreater(self.query("SELECT count(*) FROM verdict")[0][0], 100)
        self.assertFalse((self.folder / "dm" / "assay.db").exists())
        self.assertIn(f"{ASSAY} run --dataset humaneval", done.stdout)

    def test_limits_beyond_the_samples(self):
        """limits --k-max 10000 with a fit printed the same as limits."""
        rows = "".join(f"m,T/{i},20,{min(i, 20)},{i % 3},0\n" for i in range(18))
        (self.folder / "c.csv").write_text("model,task_id,n,tp,fp,fn\n" + rows)
        self.assay("import", "counts", self.folder / "c.csv", "--dataset", "paper")
        fitted = subprocess.run(self.command("fit"), capture_output=True, text=True, check=False)
        if fitted.returncode:
            self.skipTest("skipped: " + fitted.stderr.strip())
        self.assertRegex(self.assay("limits", "--k-max", "10000").stdout, r"m +paper +10000 +0\.")

    def test_help_says_defaults_and_its_own_example(self):
        """run --help named no default limits; datasets list and show had another's example."""
        told = subprocess.run([ASSAY, "run", "--help"], capture_output=True, text=True,
                              check=True).stdout
        for needle in ("test_cpu_s=1", "memory_mib=1024", "is not judged by plus"):
            self.assertIn(needle, told)
        for command in ("list", "show", "check", "fetch"):
            told = subprocess.run([ASSAY, "datasets", command, "--help"], capture_output=True,
                                  text=True, check=True).stdout
            self.assertIn(f"Example: assay datasets {command}", told)


class Messages(AssayTest):
    def test_an_unknown_command_is_named(self):
        """assay ruin said "A subcommand is required"; assay simulat --help printed help, exit 0."""
        for words in (["ruin"], ["simulat", "--help"], ["datasets", "chek"]):
            done = subprocess.run([ASSAY, *words], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(words[1] if words[0] == "datasets" else words[0], done.stderr)
            self.assertIn("check" if words[0] == "datasets" else "run, judge", done.stderr)

    def test_a_command_of_commands_shows_them(self):
        """assay datasets said "A subcommand is required" and not which there are."""
        for word, one in (("datasets", "check"), ("import", "scores"), ("submit", "slurm")):
            done = subprocess.run([ASSAY, word], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (2, ""))
            self.assertRegex(done.stdout, rf"(?m)^ +{one} ")

    def test_a_benchmark_of_ones_own_is_given_by_its_file(self):
        """After run --dataset three.jsonl the tables call it three, and run --dataset three said only what else there is."""
        done = self.assay("run", "--dataset", "three", "--samples", self.samples(("Own/0", RIGHT["Own/0"])), code=1)
        self.assertIn("no dataset and no file 'three'", done.stderr)
        self.assertIn("any other is given by its file", done.stderr)

    def test_a_database_that_cannot_be_opened_says_why(self):
        """An unwritable --db said "unable to open database file", without the reason."""
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        for db, why in ((self.folder / "none" / "a.db", "No such file or directory"),
                        (self.folder, "it is a folder")):
            done = self.assay("run", "--dataset", self.dataset, "--samples", samples, "--db", db,
                              code=1)
            self.assertIn(why, done.stderr)
            self.assertIn(str(db), done.stderr)

    def test_an_unknown_problem(self):
        """show Own/999 ended with exit 0, unlike an unknown model."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        for command in (["show", "Own/999"], ["show", "13"], ["suite", "--task", "Own/999"]):
            done = self.assay(*command, code=1)
            self.assertIn(f"holds no problem {command[-1]}; its task_ids are such as Own/0",
                          done.stderr)


class Suite(AssayTest):
    def test_arguments_of_an_own_benchmark(self):
        """suite's "its arguments" was blank for every benchmark but those known by name."""
        self.run_samples(self.samples(("Own/0", WRONG)))
        self.assertIn("([-1, -2],)", self.assay("suite").stdout)
        self.dataset.unlink()
        self.assertIn("([-1, -2],)", self.assay("suite").stdout)
        self.query("DELETE FROM witness")
        self.assertRegex(self.assay("suite").stdout, r"Blank arguments: .*own\.jsonl")


    def test_markdown_says_which_test(self):
        """report --format markdown: "add 99 of plus", and names that ran into their explanation."""
        self.run_samples(self.samples(("Own/0", WRONG), ("Own/0", RIGHT["Own/0"])))
        told = self.assay("report", "--format", "markdown").stdout
        self.assertIn("1 of 2 passes wrong; add test 0 of suite plus\n", told)
        self.assertRegex(told, r"\| snake\\?_case: share of the names")


class Imported(AssayTest):
    def test_counts_carry_no_programs(self):
        """After import counts with false positives, suite said "No accepted program was found wrong."."""
        (self.folder / "c.csv").write_text("model,task_id,n,tp,fp,fn\nm,T/0,20,15,5,0\n")
        self.assay("import", "counts", self.folder / "c.csv", "--dataset", "paper")
        self.assertIn("Imported counts carry no programs", self.assay("suite").stdout)
        self.assertIn("imported counts, which carry no programs", self.assay("show").stderr)

    def test_verdicts_without_single_tests(self):
        """After import evalplus, show printed "1 of 1 tests passed, 0.0 ms CPU", suite "0 of 1"."""
        path = self.folder / "eval.json"
        path.write_text(json.dumps({"eval": {"Own/0": [{
            "solution": WRONG, "base_status": "pass", "plus_status": "fail",
            "plus_fail_tests": [[[-1, -2]]]}]}}))
        self.assay("import", "evalplus", path, "--dataset", self.dataset, "--model", "m")
        shown = self.assay("show").stdout
        self.assertIn("as imported: without single tests", shown)
        self.assertNotIn("1 of 1", shown)
        self.assertNotIn("expected", shown)
        told = self.assay("suite").stdout
        self.assertIn("imported, without the results of single tests", told)
        self.assertNotIn("0 of 1", told)
        self.assertIn("imported verdicts carry no result of a single test",
                      self.assay("limits").stdout)


LOOPING = {"task_id": "Own/7", "entry_point": "f", "base": [[1]], "plus": [[2]],
           "reference": "def f(x):\n    while True: pass\n"}


class OwnBenchmark(AssayTest):
    def test_check_names_what_is_wrong(self):
        """datasets check refused own files; show passed a reference with a syntax error."""
        sound = self.write("sound.jsonl", [{**problem, "tests": problem["tests"] + more} for problem, more in zip(
            PROBLEMS, ("    assert candidate([4]) == 4\n", "    assert candidate(3) == 6\n"))])
        self.assertIn("every reference passes", self.assay("datasets", "check", sound).stdout)
        own = self.write("mine.jsonl", [
            PROBLEMS[0], LOOPING,
            {**LOOPING, "task_id": "Own/2", "reference": "def f(x)\n    return x\n"},
            {**LOOPING, "task_id": "Own/3", "reference": "def g(x):\n    return x\n"},
            {**LOOPING, "task_id": "Own/4", "reference": "def f(x):\n    return 1 // (x - 2)\n"},
            {"task_id": "Own/5", "entry_point": "f", "reference": "def f(x):\n    return x\n",
             "tests": "def check(candidate):\n    assert candidate(1) == 2\n"}])
        done = self.assay("datasets", "check", own, "--seconds", "0.5", code=1)
        told = [line for line in done.stdout.splitlines() if ": reference_fails: " in line]
        self.assertEqual([line.split(" of ")[0] for line in told], [
            f'{own}:{line}: key "{key}"' for line, key in (
                (2, "base"), (2, "plus"), (3, "reference"), (4, "entry_point"), (5, "plus"),
                (6, "tests"))])
        self.assertRegex(told[0], r"stopped after \d\.\d s of CPU time")
        self.assertIn("does not compile: SyntaxError: expected ':' (<solution>, line 1)", told[2])
        self.assertIn("call 0 (2,)", told[4])
        own.write_text(own.read_text() + "{\n")
        self.assertIn(f"{own}:7: ", self.assay("datasets", "check", own, "--seconds", "0.5", code=1).stdout)

    def test_a_looping_reference_is_named_and_may_be_interrupted(self):
        """It held a run for 6 minutes without a word; Ctrl-C said that "the reference fails"."""
        own = self.write("mine.jsonl", [LOOPING, PROBLEMS[0]])
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/7", "def f(x):\n    return x\n"))
        process = subprocess.Popen(
            self.command("run", "--dataset", own, "--samples", samples, "-j", "2"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        self.assertIn("suite official (the tests of 1 problem) is not judged", process.stderr.readline())
        line = process.stderr.readline()
        self.assertRegex(line, r"working out expected answers: \d of 4, Own/7 \(base\): the "
                               r"reference has been running for 1\d s")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertNotIn("the reference fails", err)
        told = self.assay("rates").stdout
        self.assertRegex(told, r"m on mine: 1 of 2 samples are not judged by \w+")
        self.assertRegex(told, r": `assay run --suite \w+( --suite \w+)*` on its samples judges them")


if __name__ == "__main__":
    unittest.main()
