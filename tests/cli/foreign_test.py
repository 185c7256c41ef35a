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
                     '{"date": %s, "eval": {}}' % deep):
            path.write_text(text)
            done = self.assay("import", "evalplus", path, "--dataset", self.dataset, "--model", "x", code=1)
            self.assertIn("nested more than 200 deep", done.stderr)

    def test_another_file_is_refused(self):
        path = self.folder / "x.json"
        path.write_text("[1]")
        done = self.assay("import", "evalplus", path, "--dataset", self.dataset, "--model", "x", code=1)
        self.assertIn("eval", done.stderr)


if __name__ == "__main__":
    unittest.main()
