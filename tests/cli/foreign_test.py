"""Results of other tools: counts taken in, EvalPlus's verdicts taken in and written out."""
import gzip
import json
import unittest

from support import RIGHT, AssayTest

WRONG = "def largest(numbers):\n    best = 0\n    for x in numbers:\n        best = max(best, x)\n    return best\n"


class Counts(AssayTest):
    def test_csv_with_quoted_names_feeds_rates(self):
        path = self.folder / "counts.csv"
        path.write_text('model,task_id,n,tp,fp,fn\n"a, b",T/0,10,4,1,1\n"a, b",T/1,10,0,0,0\n')
        self.assay("import", "counts", path, "--dataset", "paper")
        row = self.json("rates", "--proxy", "base")["rows"][0]
        self.assertEqual((row["model"], row["proxy"], row["gold"]), ("a, b", "imported", "imported"))
        self.assertEqual((row["tp"], row["fp"], row["fn"], row["tn"]), (4, 1, 1, 14))
        self.assertAlmostEqual(row["accuracy"], 0.25)
        self.assertAlmostEqual(row["fdr"], 0.2)

    def test_jsonl_gz(self):
        path = self.folder / "counts.jsonl.gz"
        rows = [{"model": "m", "task_id": f"T/{i}", "n": 5, "tp": i, "fp": 1} for i in range(3)]
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
        self.assay("import", "counts", path, "--dataset", "paper")
        self.assertEqual(self.json("rates")["rows"][0]["tp"], 3)

    def test_counts_that_do_not_add_up_are_refused_by_line(self):
        for text, needle in (("model,task_id,n,tp,fp\nm,T/0,3,2,1\nm,T/1,3,2,2\n", ":3"),
                             ("model,task_id,n,tp\nm,T/0,3,2\n", "fp"),
                             ("model,task_id,n,tp,fp\nm,T/0,x,2,1\n", "x"),
                             ("model,task_id,n,tp,fp\nm,T/0,3,2,1\nm,T/0,3,2,1\n", "twice"),
                             # tp + fp + fn overflowed and was taken in; then no rate could be read.
                             (f"model,task_id,n,tp,fp\nm,T/0,3,{2**63 - 1},{2**63 - 1}\n", ':2: "tp" is'),
                             (f"model,task_id,n,tp,fp\nm,T/0,{2**63},1,1\n", ':2: "n" is'),
                             # With two thousand million samples `limits` did not end.
                             ("model,task_id,n,tp,fp\nm,T/0,2000000000,1,1\n", ':2: "n" is'),
                             ("model,task_id,n,tp,fp\nm\x1b[31m,T/0,3,1,1\n", "control character")):
            path = self.folder / "bad.csv"
            path.write_text(text)
            done = self.assay("import", "counts", path, "--dataset", "paper", code=1)
            self.assertIn(needle, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1)


class EvalPlus(AssayTest):
    def test_export_then_import_gives_the_same_rates(self):
        samples = self.samples(("Own/0", WRONG), ("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"]))
        ours = self.run_samples(samples)["rates"]["rows"][0]
        out = self.folder / "eval_results.json"
        self.assay("export", "evalplus", "--dataset", "own", "-o", out)
        results = json.loads(out.read_text())
        self.assertEqual([(s["base_status"], s["plus_status"]) for s in results["eval"]["Own/0"]],
                         [("pass", "fail"), ("pass", "pass")])
        self.assertEqual(results["eval"]["Own/0"][0]["solution"], WRONG)
        self.assay("import", "evalplus", out, "--dataset", self.dataset, "--model", "theirs")
        theirs = self.json("rates", "--model", "theirs")["rows"][0]
        self.assertEqual([ours[key] for key in ("tp", "fp", "fn", "tn")],
                         [theirs[key] for key in ("tp", "fp", "fn", "tn")])
        self.assertEqual(theirs["comparison"], "imported")
        # What was executed is still read as executed.
        self.assertEqual(self.json("rates", "--model", "m")["rows"][0]["comparison"], "strict")

    def test_arrays_without_end_are_a_sentence(self):
        # The library's own recursion over 200,000 arrays ended in a segmentation fault.
        path = self.folder / "deep.json"
        deep = "[" * 200000 + "]" * 200000
        row = {"task_id": "Own/0", "solution": "x", "base_status": "fail", "plus_status": "fail"}
        for text in (json.dumps({"eval": {"Own/0": [row]}}).replace("}]", ', "base_fail_tests": %s}]' % deep),
                     json.dumps({"eval": {"Own/0": [row]}}).replace('"x"', deep)):
            path.write_text(text)
            self.refused(path, "nested more than 200 deep")
        path.write_text('{"date": %s, "eval": {}}' % deep)  # what is not read is not checked
        self.refused(path, "holds no samples")

    def refused(self, path, needle):
        done = self.assay("import", "evalplus", path, "--dataset", self.dataset, "--model", "x", code=1)
        self.assertIn(needle, done.stderr)
        self.assertIn(path.name, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        if self.db.exists():
            self.assertEqual(self.query("SELECT count(*) FROM sample"), [(0,)])

    def test_another_file_is_refused_as_what_it_is(self):
        """BigCodeBench's results ended with "0 verdicts taken in" and exit 0 (case 24)."""
        row = {"task_id": "Own/0", "solution": "x = 1"}
        files = (
            ([1], "eval"), ("no JSON", "an object is expected"), ({}, "lacks the object"),
            ({"eval": {}}, "holds no samples"), ({"eval": {"Own/0": []}}, "holds no samples"),
            ({"eval": [1]}, "lacks the object"), ({"eval": {"Own/0": 3}}, "not a list of samples"),
            ({"eval": {"Own/0": [{**row, "base_status": None}]}}, "none of its 1 samples has a verdict"),
            ({"eval": {"Own/0": [{**row, "status": "pass", "details": {}}]}}, "BigCodeBench's result file"),
            ({"eval": {"Own/0": [{**row, "base_status": "odd"}]}}, 'eval["Own/0"][0]: "base_status" is "odd"'),
            ({"eval": {"T/9": []}}, "no such problem"),
            ({"pass@1": 0.5, "model": "m"}, "a summary of pass@k"),
            ({"results": {}, "versions": {}}, "lm-evaluation-harness's results"),
            ({"humaneval": {"pass@1": 0.5}, "config": {}}, "bigcode-evaluation-harness's metrics"),
            ([{"question_id": "a", "graded_list": [True]}], "LiveCodeBench's _eval_all.json: assay import results"),
            (json.dumps({**row, "passed": True}) + "\n" + json.dumps(row), "human-eval's _results.jsonl: assay import"),
            ([row], "rows of samples; judge them"),
        )
        for content, needle in files:
            path = self.folder / "x.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            self.refused(path, needle)

    def test_the_form_of_the_first_versions(self):
        """It has no programs, only how each sample ended: "is not a list of samples" (case 24)."""
        passes, fails = ["success", [True, True]], ["failed", [True, False]]
        path = self.folder / "old.eval_results.json"
        path.write_text(json.dumps({"date": "x", "eval": {
            "Own/0": {"nfiles": 3, "base": [passes, passes, fails], "plus": [passes, fails, ["success", None]]},
            "Own/1": {"nfiles": 1, "base": [["timed out", []]], "plus": [["timed out", []]]}}}))
        self.assay("import", "evalplus", path, "--dataset", self.dataset, "--model", "old")
        row = self.json("rates")["rows"][0]
        self.assertEqual([row[key] for key in ("problems", "tp", "fp", "fn", "tn")], [2, 1, 1, 0, 2])
        for eval_ in ({"Own/0": {"base": [passes], "plus": None}}, {"Own/0": {"base": [passes], "plus": []}},
                      {"Own/0": {"base": [passes], "plus": [[]]}}, {"Own/0": {}},
                      {"Own/0": {"base": [passes], "plus": [passes]},
                       "Own/1": [{"solution": "x", "base_status": "pass"}]}):
            path.write_text(json.dumps({"eval": eval_}))
            self.refused(path, "old.eval_results.json: ")

    def test_infinity_nan_and_wide_text(self):
        """Infinity in a failing test, which Python's json writes, in UTF-16 as PowerShell saves it."""
        row = {"task_id": "Own/0", "solution": RIGHT["Own/0"], "base_status": "pass", "plus_status": "fail",
               "base_fail_tests": [], "plus_fail_tests": [[[float("inf"), float("nan")]]],
               "note": "\ud835"}
        path = self.folder / "x.json"
        path.write_bytes(json.dumps({"eval": {"Own/0": [row]}}).encode("utf-16"))
        self.assay("import", "evalplus", path, "--dataset", self.dataset, "--model", "x")
        self.assertEqual(self.json("rates")["rows"][0]["fp"], 1)


if __name__ == "__main__":
    unittest.main()
