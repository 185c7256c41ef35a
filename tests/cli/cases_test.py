#!/usr/bin/env python3
"""Small inputs that tools like this one got wrong, in public bug reports: what is right for each. Skipped where the folder
with them (beside the data) is not there."""
import unittest

from support import DATA, AssayTest

CASES = DATA.parent / "cases"
PASS = "pass"


@unittest.skipUnless(CASES.is_dir(), "skipped: no cases here")
class Cases(AssayTest):
    def folder_of(self, number):
        return next(CASES.glob(f"{number}-*"))

    def judge(self, number, *options, samples="samples.jsonl", dataset="humaneval", suite="base", code=0):
        """Statuses by (model, task), by one suite."""
        folder = self.folder_of(number)
        self.db.unlink(missing_ok=True)
        dataset = dataset if dataset == "humaneval" else folder / dataset
        self.done = self.assay("run", "--dataset", dataset, "--samples", folder / samples, "--suite", suite, *options, code=code,
                               env={"ASSAY_DATA": str(DATA / "benchmarks"), "PATH": "/usr/bin:/bin"})
        return {(model, task): status for model, task, status in self.query(f"""
            SELECT model.name, task_id, status FROM sample JOIN model ON model.id = model_id
            JOIN problem ON problem.id = sample.problem_id JOIN verdict USING (program_id)
            JOIN suite ON suite.id = suite_id WHERE suite.name = '{suite.split(",")[-1]}'""")}

    def check(self, number, *options, but=(), **where):
        """All pass, but those said."""
        but = dict(but)
        judged = self.judge(number, *options, **where)
        self.assertTrue(judged)
        for (model, task), status in judged.items():
            with self.subTest(case=number, model=model, task=task):
                self.assertEqual(status, but.get(model, but.get(task, PASS)))

    def test_chat_text(self):
        for number in ("01", "02", "05", "33"):
            self.check(number, "--extract")
        self.check("30", "--extract")
        self.check("30", samples="plain.jsonl")
        # The last definition is the answer, also where it is shown as a mistake.
        self.check("32", "--extract", but={"answer-then-counterexample": "fail"})

    def test_completions(self):
        for number in ("06", "08", "37"):
            self.check(number)
        # A body in a fence as a completion is taken out of its fence, too.
        self.check("05")

    def test_solutions(self):
        self.check("10", but={"other-name": "no_entry_point", "in-main-guard": "no_entry_point"})
        self.check("12", but={"input-top-level": "error"})
        self.check("29", but={"process-pool": "error", "subprocess": "error", "tempfile": "error",
                              "async-def": "fail", "generator": "fail"})
        messages = dict(self.query("SELECT model.name, message FROM sample JOIN model ON model.id = model_id "
                                   "JOIN verdict USING (program_id)"))
        for model in ("process-pool", "subprocess"):
            self.assertIn("the sandbox refuses", messages[model])

    def test_types(self):
        self.check("11", dataset="mine.jsonl", but={"off-by-one": "fail"})
        self.check("23", "--packages", "numpy", dataset="mine.jsonl")
        self.check("23", "--packages", "numpy", dataset="mine.jsonl", suite="official")
        self.check("26", dataset="mine.jsonl", but={"minus-inf": "fail", "off-by-one-big": "fail", "str-for-float": "fail"})
        self.check("41", dataset="mine.jsonl", but={"list": "fail"})

    def test_missing_packages_are_said(self):
        self.check("40", but={"m": "error", "m2": "error", "m3": "error"})
        self.assertIn("lacking a package: 1 numpy", self.done.stdout)
        self.check("40", "--packages", "numpy", but={"m2": "error", "m3": "error"})

    def test_rows(self):
        self.assertEqual(set(self.judge("16", code=3).values()), {PASS})
        self.assertIn("1 of 3 rows cannot be read and are passed over", self.done.stderr)
        self.check("16", samples="meta.jsonl")
        for name in ("utf16le", "utf16be", "bom", "paragraph"):
            self.check("17", samples=f"{name}.jsonl")

    def test_resumed_generation(self):
        folder = self.folder_of("28")
        for name, added in (("first", None), ("grown", None), ("shuffled", 0)):
            run = self.json("run", "--dataset", folder / "mine.jsonl", "--samples", folder / f"{name}.jsonl")["run"]
            if added is not None:
                self.assertEqual(run["added"], added)

    def test_verifiers_that_accept_anything_are_named(self):
        for number, code in (("14", 1), ("41", 1)):
            self.assay("datasets", "check", self.folder_of(number) / "mine.jsonl", code=code)

    def test_equal_rates_have_an_interval_that_has_a_width(self):
        folder = self.folder_of("36")
        self.assay("run", "--dataset", folder / "mine.jsonl", "--samples", folder / "samples.jsonl")
        for row in self.json("rates")["rows"]:
            lo, hi = row["intervals"]["accuracy"]
            self.assertLess(lo, hi)

    def test_older_and_foreign_result_files(self):
        folder = self.folder_of("24")
        self.assay("import", "evalplus", folder / "old.eval_results.json", "--dataset", "humaneval", "--model", "m",
                   env={"ASSAY_DATA": str(DATA / "benchmarks"), "PATH": "/usr/bin:/bin"})
        done = self.assay("import", "evalplus", folder / "bcb.eval_results.json", "--dataset", "humaneval", "--model", "m",
                          code=1, env={"ASSAY_DATA": str(DATA / "benchmarks"), "PATH": "/usr/bin:/bin"})
        self.assertIn("BigCodeBench", done.stderr)


if __name__ == "__main__":
    unittest.main()
