"""Samples with their verdicts: `export samples`, the views of the database, `run --json`; and `rates --fail-if`."""
import csv
import io
import json
import sqlite3
import unittest

from support import RIGHT, AssayTest

WRONG = "def largest(numbers):\n    best = 0\n    for x in numbers:\n        best = max(best, x)\n    return best\n"
FORMULA = "def double(x):\n    raise ValueError('=1+1,\"a\"')\n"


class Judged(AssayTest):
    def setUp(self):
        super().setUp()
        self.record = self.run_samples(self.samples(
            ("Own/0", WRONG), ("Own/0", RIGHT["Own/0"]), ("Own/0", WRONG), ("Own/1", RIGHT["Own/1"]),
            ("Own/1", FORMULA)))


class Samples(Judged):
    def rows(self, *arguments):
        text = self.assay("export", "samples", "--quiet", *arguments).stdout
        return [json.loads(line) for line in text.splitlines()]

    def test_jsonl_has_a_row_a_sample_with_every_verdict(self):
        rows = {(row["task_id"], row["sample_id"]): row for row in self.rows()}
        self.assertEqual(len(rows), 5)
        wrong = rows["Own/0", "2"]
        self.assertEqual((wrong["dataset"], wrong["model"]), ("own", "m"))
        self.assertEqual((wrong["accepted"], wrong["correct"], wrong["false_positive"]), (True, False, True))
        self.assertEqual({name: verdict["status"] for name, verdict in wrong["verdicts"].items()},
                         {"base": "pass", "plus": "fail"})
        self.assertEqual(wrong["verdicts"]["plus"]["witness"],
                         {"test": 0, "input": "([-1, -2],)", "expected": "-1", "actual": "0"})
        self.assertGreater(wrong["verdicts"]["base"]["cpu_ms"], 0)
        self.assertEqual(rows["Own/1", "1"]["verdicts"]["plus"], {"status": "decided"})
        self.assertIs(rows["Own/1", "1"]["false_positive"], False)
        self.assertNotIn("program", wrong)
        self.assertEqual(self.rows("--programs", "--model", "m")[0]["program"], WRONG)

    def test_csv_reads_back_and_holds_no_formula(self):
        path = self.folder / "samples.csv"
        self.assay("export", "samples", "-o", path)
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        self.assertEqual(sorted((row["task_id"], row["sample_id"], row["base_status"], row["plus_status"],
                                 row["false_positive"]) for row in rows),
                         [("Own/0", "0", "pass", "fail", "true"), ("Own/0", "1", "pass", "pass", "false"),
                          ("Own/0", "2", "pass", "fail", "true"), ("Own/1", "0", "pass", "pass", "false"),
                          ("Own/1", "1", "error", "decided", "false")])
        self.assertIn('=1+1,"a"', [row for row in rows if row["base_status"] == "error"][0]["base_message"])
        self.assertEqual(self.assay("export", "samples", "--format", "csv").stdout, path.read_text())
        self.assay("export", "samples", "-o", self.folder / "LARGE.CSV")  # which held JSONL
        self.assertEqual((self.folder / "LARGE.CSV").read_bytes(), path.read_bytes())

    def test_what_is_refused(self):
        for arguments, needle in ((["--format", "csv", "--programs"], "--programs"), (["--json"], "-o FILE"),
                                  (["-o", self.db], "is the database itself"), (["--format", "xml"], "xml")):
            self.assertIn(needle, self.assay("export", "samples", *arguments, code=2).stderr)
        self.assertEqual(self.query("SELECT count(*) FROM sample"), [(5,)])
        self.assay("export", "samples", "-o", self.folder / "no/such.csv", code=1)
        self.assertEqual(self.json("export", "samples", "-o", self.folder / "x.jsonl")["samples"], 5)

    def test_imported_counts_have_no_samples(self):
        path = self.folder / "counts.csv"
        path.write_text("model,task_id,n,tp,fp\nm,T/0,10,4,1\n")
        self.assay("import", "counts", path, "--dataset", "paper")
        done = self.assay("export", "samples", "--dataset", "paper")
        self.assertEqual(done.stdout, "")
        self.assertIn("imported counts have no samples", done.stderr)

    def test_run_tells_its_verdicts(self):
        expected = self.rows()
        for row in expected:
            for verdict in row["verdicts"].values():
                verdict.pop("witness", None)
        self.assertEqual(self.record["samples"], expected)


class Views(Judged):
    def test_they_say_what_the_commands_say(self):
        rates = self.json("rates")["rows"][0]
        self.assertEqual(self.query("SELECT count(*) FROM false_positive"), [(rates["fp"],)])
        self.assertEqual(
            self.query("SELECT DISTINCT model, task_id, caught_by, status, input, expected, actual, program "
                       "FROM false_positive"),
            [("m", "Own/0", "plus", "fail", "([-1, -2],)", "-1", "0", WRONG)])
        self.assertEqual(
            self.query("SELECT task_id, sample_id, suite, status FROM judged_sample "
                       "WHERE task_id = 'Own/1' ORDER BY 1, 2, 3"),
            [("Own/1", "0", "base", "pass"), ("Own/1", "0", "plus", "pass"),
             ("Own/1", "1", "base", "error"), ("Own/1", "1", "plus", "decided")])

    def test_they_follow_the_newest_run(self):
        """Verdicts of two conditions are never one row set."""
        self.run_samples(self.folder / "samples.jsonl", "--limits", "suite_cpu_s=20")
        self.assertEqual(self.query("SELECT count(*) FROM judged_sample"), [(10,)])
        self.assertEqual(self.query("SELECT count(*) FROM false_positive"), [(2,)])


class FailIf(Judged):
    def test_a_bound_that_is_not_kept_is_exit_4(self):
        rates = self.assay("rates").stdout
        for condition, code in (("fdr>0.1", 4), ("fdr<0.1", 0), ("fp >= 2", 4), ("fp>2", 0), ("tp<=2", 4),
                                ("accuracy_lo<0.9", 4), ("pass@1<0.4", 0), ("pass_at_1<0.6", 4)):
            done = self.assay("rates", "--fail-if", condition, code=code)
            self.assertEqual(done.stdout, rates)
            self.assertEqual(f"--fail-if '{condition}': m on own has" in done.stderr, code == 4, done.stderr)
        done = self.assay("rates", "--quiet", "--fail-if", "fdr<0.1", "--fail-if", "fp>1", "--fail-if", "tn>9",
                          code=4)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        record = json.loads(self.assay("rates", "--json", "--fail-if", "fp>1", code=4).stdout)
        self.assertEqual(record["failed"],
                         [{"condition": "fp>1", "dataset": "own", "model": "m", "value": 2.0}])
        self.assertNotIn("failed", self.json("rates"))

    def test_an_undefined_figure_fails(self):
        """Nothing shows that the bound is kept: a gate that opens for no number is none."""
        done = self.assay("rates", "--proxy", "base", "--gold", "base", "--fail-if", "fdr>0.5", code=4)
        self.assertIn("undefined", done.stderr)
        self.assertIn("undefined", self.assay("rates", "--fail-if", "pass@100<0.1", code=4).stderr)

    def test_what_is_no_condition_is_wrong_usage(self):
        for condition in ("fdr", "fdr>", "fdr>x", "nonsense>1", "fdr=1", ">1", "pass@7<1", "fp_lo>1"):
            done = self.assay("rates", "--fail-if", condition, code=2)
            self.assertIn(condition, done.stderr)
        self.assay("rates", "--pass-at", "2", "--fail-if", "pass@2<0.1")

    def test_no_rates_at_all_fail(self):
        self.query("DELETE FROM verdict")
        self.query("DELETE FROM decided")
        done = self.assay("rates", "--fail-if", "fdr>0.5", code=4)
        self.assertIn("there are no rates to look at", done.stderr)


class Outputs(Judged):
    def test_no_output_goes_over_a_database(self):
        """`report -o` over the database replaced all results by a page; `export -o` cut its -wal off."""
        other = self.folder / "other.db"
        connection = sqlite3.connect(other)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()
        link, hard, ahead = (self.folder / name for name in ("link.html", "hard.html", "ahead.html"))
        link.symlink_to("assay.db")
        hard.hardlink_to(self.db)
        ahead.symlink_to("assay.db-wal")  # which is not there
        before = self.db.read_bytes(), other.read_bytes()
        for command in (["report"], ["export", "samples"], ["export", "evalplus", "--dataset", "own"]):
            for path in (self.db, link, hard, ahead, other, f"{self.db}-wal", f"{self.db}-shm", f"{self.db}-journal",
                         f"{other}-wal"):
                with self.subTest(command=command, path=path):
                    done = self.assay(*command, "-o", path, code=2)
                    self.assertRegex(done.stderr, "is the database itself|is an SQLite database|belongs to the database")
                    self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        done = self.assay("train", "base", "--task", "chains", "--steps", "1", "--force", "-o", other, code=2)
        self.assertIn("is an SQLite database", done.stderr)
        self.assertEqual((self.db.read_bytes(), other.read_bytes()), before)
        self.assertFalse(list(self.folder.glob("*-wal")) + list(self.folder.glob("*-journal")))
        self.assay("report", "-o", self.folder / "notes-wal")
        self.assay("report", "-o", self.folder / "notes-wal")


if __name__ == "__main__":
    unittest.main()
