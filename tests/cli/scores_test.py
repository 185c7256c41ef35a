"""Verifiers with a score: taken in, as proxies, `assay roc`, `assay limits --select`."""
import csv
import gzip
import json
import unittest

from support import RIGHT, AssayTest

WRONG = {"Own/0": "def largest(numbers):\n    best = 0\n    for x in numbers:\n        best = max(best, x)\n    return best\n",
         "Own/1": "def double(x):\n    return x\n"}
# task, program, score: base accepts the right ones and WRONG of Own/0 (wrong by plus).
SAMPLES = [("Own/0", RIGHT, 4), ("Own/0", WRONG, 4), ("Own/0", WRONG, 1), ("Own/0", RIGHT, 2),
           ("Own/1", RIGHT, 3), ("Own/1", WRONG, 0), ("Own/1", WRONG, None), ("Own/1", RIGHT, 4)]


class Scores(AssayTest):
    def judged(self, **more):
        """The samples judged, without scores."""
        self.run_samples(self.samples(*((task, programs[task]) for task, programs, _ in SAMPLES)), **more)

    def scores(self, name="judge.csv"):
        path = self.folder / name
        seen = {}
        with open(path, "w", newline="", encoding="utf-8") as out:
            table = csv.writer(out)
            table.writerow(["model", "task_id", "sample_id", "score"])
            for task, _, score in SAMPLES:
                seen[task] = seen.get(task, -1) + 1
                table.writerow(["m", task, seen[task], "" if score is None else score])
        return path

    def take_in(self, path, *more, verifier="judge", **options):
        return self.json("import", "scores", path, "--dataset", "own", "--verifier", verifier, *more, **options)

    def counts(self, proxy):
        row = self.json("rates", "--proxy", proxy)["rows"][0]
        return [row[key] for key in ("tp", "fp", "fn", "tn")]

    def test_scores_are_joined_and_stand_as_proxies(self):
        self.judged()
        said = self.take_in(self.scores())
        self.assertEqual((said["rows"], said["joined"], said["unknown"], said["not_judged"]), (8, 8, 0, 1))
        self.assertEqual(self.counts("base"), [4, 2, 0, 2])
        self.assertEqual(self.counts("judge>=4"), [2, 1, 2, 2])  # the sample without a score is in no rate
        self.assertEqual(self.counts("base+judge>=4"), [2, 1, 2, 2])
        self.assertEqual(self.counts("base+judge>=2"), [4, 1, 0, 2])
        self.assertEqual(self.counts("base|judge>=4"), [4, 2, 0, 1])
        row = self.json("rates", "--proxy", "judge>=4")["rows"][0]
        self.assertEqual((row["proxy"], row["gold"], row["not_scored"]), ("judge>=4", "base,plus", 1))
        self.assertEqual(row["statuses"]["judge"], {"scored": 7, "not scored": 1})
        self.assertIn("1 samples have no score", self.assay("rates", "--proxy", "judge>=4").stdout)
        limits = self.json("limits", "--proxy", "judge>=4", "--replicates", 100)["rows"][0]
        self.assertAlmostEqual(limits["tp"][1], (1 / 4 + 1 / 3) / 2)
        self.assertIn("speaks of a score", limits["suite_size_missing"])

    def test_what_looks_at_tests_refuses_scores(self):
        # With a score as proxy they counted no wrong pass at all, and said that there are none.
        self.judged()
        self.take_in(self.scores())
        for words in (["rates", "--unseen"], ["rates", "--disputed"], ["suite"], ["show", "Own/0"], ["export", "samples"]):
            for proxy in ("judge>=4", "base+judge>=4", "base|judge>=4"):
                self.assertIn("takes suites alone", self.assay(*words, "--proxy", proxy, code=2).stderr)

    def test_the_same_scores_in_sample_files(self):
        rows = [{"task_id": task, "solution": programs[task], "model": "m", "scores": {"judge": score}}
                for task, programs, score in SAMPLES]
        self.run_samples(self.write("scored.jsonl", rows))
        self.assertEqual(self.counts("judge>=4"), [2, 1, 2, 2])
        # Given again with other scores, the same samples have these.
        rows[0]["scores"]["judge"] = 0
        self.run_samples(self.write("again.jsonl", rows))
        self.assertEqual(self.counts("judge>=4"), [1, 1, 3, 2])
        for wrong, why in (({"judge": "high"}, "finite number"), ([1], "no object"), ({"a+b": 1}, "join")):
            rows[0]["scores"] = wrong
            done = self.assay("run", "--dataset", self.dataset, "--samples", self.write("bad.jsonl", rows),
                              "--strict-input", code=1)
            self.assertIn(why, done.stderr)

    def test_jsonl_gz_with_other_columns_and_one_model(self):
        self.judged()
        path = self.folder / "s.jsonl.gz"
        rows = [{"task_id": "Own/0", "sample_id": i, "mark": i / 2, "more": "x"} for i in range(4)]
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
        self.assertEqual(self.take_in(path, "--key", "mark")["joined"], 4)
        self.assertEqual(self.query("SELECT value FROM score ORDER BY sample_id"), [(0,), (.5,), (1,), (1.5,)])

    def test_unknown_samples_are_counted_and_refused_on_demand(self):
        self.judged()
        path = self.folder / "s.csv"
        path.write_text("model,task_id,sample_id,score\nm,Own/0,0,1\nm,Own/0,99,1\nother,Own/0,0,1\n")
        self.assertEqual(self.take_in(path)["unknown"], 2)
        done = self.assay("import", "scores", path, "--dataset", "own", "--verifier", "v", "--strict-input", code=1)
        self.assertIn(":3: model m has no sample 99 of Own/0", done.stderr)
        self.assertEqual(self.query("SELECT name FROM verifier"), [("judge",)])  # all or nothing
        path.write_text("model,task_id,sample_id,score\nm,Own/9,0,1\n")
        self.assertIn("none of its 1 rows", self.assay(
            "import", "scores", path, "--dataset", "own", "--verifier", "v", code=1).stderr)

    def test_what_cannot_be_read_is_refused_by_line(self):
        self.judged()
        for text, needle in (("task_id,sample_id,score\nOwn/0,0,good\n", ':2: "score" is'),
                             ("task_id,sample_id,score\nOwn/0,0,nan\n", ':2: "score" is'),
                             ("task_id,sample_id\nOwn/0,0\n", "lacks the column score"),
                             ("task_id,sample_id,score\nOwn/0,0,1\nOwn/0,0,1\n", "twice"),
                             ("task_id,sample_id,score\nOwn/0,,1\n", "names its sample"),
                             ("task_id,sample_id,score,correct\nOwn/0,0,1,1\n", None)):
            path = self.folder / "bad.csv"
            path.write_text(text)
            done = self.assay("import", "scores", path, "--dataset", "own", "--verifier", "v", code=1 if needle else 0)
            if needle:
                self.assertIn(needle, done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1)
        for name in ("a+b", "a,b", "a>=b"):
            self.assay("import", "scores", self.scores(), "--dataset", "own", "--verifier", name, code=2)

    def test_a_verifier_with_the_name_of_a_suite(self):
        """Scores by "base" were taken in, and hid the suite base from `roc --verifier base`."""
        self.judged()
        for name in ("base", "plus"):
            done = self.assay("import", "scores", self.scores(), "--dataset", "own", "--verifier", name, code=2)
            self.assertIn(f"--verifier {name}: ", done.stderr)
            self.assertIn("has a suite of this name", done.stderr)
        self.assertEqual(self.query("SELECT count(*) FROM verifier"), [(0,)])

    def test_scores_of_samples_under_the_name_of_a_suite(self):
        """"scores": {"base": 1} was taken in by `run`, and `roc --verifier base` meant it."""
        path = self.folder / "named.jsonl"
        path.write_text(json.dumps({"task_id": "Own/0", "solution": "x = 1\n", "scores": {"base": 1}}) + "\n")
        done = self.assay("run", "--dataset", self.dataset, "--samples", path, code=1)
        self.assertIn('named.jsonl:1: "scores": base is a suite of', done.stderr)

    def test_foreign_truth(self):
        path = self.folder / "foreign.csv"
        rows = ["model,task_id,sample_id,score,correct"]
        rows += [f"x,T/{p},{i},{(i * 7 + p) % 5},{int(i % 3 == 0)}" for p in range(4) for i in range(6)]
        path.write_text("\n".join(rows) + "\n")
        self.assertEqual(self.take_in(path)["foreign"], 24)
        row = self.json("rates", "--proxy", "judge>=3")["rows"][0]
        self.assertEqual((row["model"], row["gold"], row["samples"], row["tp"] + row["fn"]), ("x", "imported", 24, 8))
        roc = self.json("roc", "--replicates", 100)["rows"][0]
        self.assertEqual((roc["samples"], roc["right"], roc["problems"]), (24, 8, 4))
        best = self.json("limits", "--proxy", "judge", "--select", "best", "--replicates", 100)["rows"][0]
        self.assertEqual(len(best["accuracy"]), 6)
        self.assertIn("none agree", self.assay("limits", "--proxy", "judge", "--select", "vote", code=1).stderr)
        # Without scores asked for, there is nothing to count.
        self.assertIn("only scores are known", self.assay("rates").stderr)

    def test_a_model_that_is_judged_later_stands_once(self):
        """Scores with a truth of their own stayed beside the same model's verdicts: rates had two rows of it."""
        path = self.folder / "foreign.csv"
        path.write_text("model,task_id,sample_id,score,correct\nm,Own/0,0,1,1\nm,Own/0,1,4,0\n")
        self.take_in(path)
        self.assertEqual(len(self.json("rates", "--proxy", "judge>=3")["rows"]), 1)
        self.judged()
        self.take_in(self.scores())
        row, = self.json("rates", "--proxy", "judge>=3")["rows"]
        self.assertNotEqual(row["gold"], "imported")
        self.assertEqual([one["model"] for one in self.json("roc", "--replicates", 100)["rows"]], ["m"])

    def test_an_import_that_fails_leaves_no_database(self):
        """Refused files left an empty database, which rates then said to hold no verdicts."""
        path = self.folder / "bad.csv"
        path.write_text("model,task_id,sample_id,score,correct\nx,T/0,0,good,1\n")
        self.assay("import", "scores", path, "--dataset", "own", "--verifier", "v", code=1)
        self.assertFalse(self.db.exists())
        self.db.touch()  # what was there stays
        self.assay("import", "scores", path, "--dataset", "own", "--verifier", "v", code=1)
        self.assertTrue(self.db.exists())

    def test_options_without_a_word_to_say(self):
        """--lambda beside --select best was taken and ignored; first>=x dropped what has no score unsaid."""
        self.judged()
        self.take_in(self.scores())
        for option in ("--lambda", "--kappa"):
            said = self.assay("limits", "--proxy", "judge", "--select", "best", option, 1, code=2).stderr
            self.assertIn("--select best weighs no costs", said)
        row, = self.json("limits", "--proxy", "judge", "--select", "first>=4", "--replicates", 100)["rows"]
        self.assertIn("1 samples have no score by a verifier asked for and are left out", row["notes"])

    def test_verifiers_that_disagree_on_the_truth(self):
        """Two verifiers' files gave one sample two truths, and each verifier was measured by its own."""
        path = self.folder / "s.csv"
        path.write_text("model,task_id,sample_id,score,correct\nx,T/0,0,1,1\nx,T/0,1,1,0\n")
        self.take_in(path, verifier="a")
        path.write_text("model,task_id,sample_id,score,correct\nx,T/0,0,3,1\nx,T/0,1,1,1\n")
        done = self.assay("import", "scores", path, "--dataset", "own", "--verifier", "b", code=1)
        self.assertIn(':3: "correct" is true for sample 1 of T/0 by x, and the scores of a in', done.stderr)
        self.assertEqual(self.query("SELECT DISTINCT verifier FROM imported_score"), [("a",)])
        self.take_in(path, verifier="a")  # mended, and so both agree
        self.assertEqual(self.take_in(path, verifier="b")["foreign"], 2)
        path.write_text("model,task_id,sample_id,score,correct\nx,T/0,0,3,1\nx,T/0,0,3,0\n")
        done = self.assay("import", "scores", path, "--dataset", "own", "--verifier", "b", code=1)
        self.assertIn("s.csv:3: sample 0 of T/0 by x comes twice, before in ", done.stderr)
        self.assertIn("s.csv:2", done.stderr)

    def test_tables_as_spreadsheets_and_editors_write_them(self):
        """An empty last line, TRUE and 1.0 refused good files; NUL bytes and CR alone were told wrongly."""
        path = self.folder / "t.csv"
        head = "model,task_id,sample_id,score,correct\n"
        for text in ("\n" + head + "x,T/0,0,1,TRUE\nx,T/0,1,1,FALSE\n\n", head + "x,T/0,0,1,1.0\nx,T/0,1,1,0.0\n  \n",
                     (head + "x,T/0,0,1,true\nx,T/0,1,1,0\n\n").replace("\n", "\r\n")):
            path.write_bytes(text.encode())
            self.assertEqual(self.take_in(path)["foreign"], 2)
            self.assertEqual(self.query("SELECT correct FROM imported_score ORDER BY sample_id"), [(1,), (0,)])
        for text, needle in ((head + "x,T/0,0,1,1\nx,T/0,1,\0,1\n", "t.csv:3: it holds a NUL byte"),
                             ((head + "x,T/0,0,1,1\n").replace("\n", "\r"), "a carriage return alone"),
                             ("\n" + head + "x,T/0,0,1,2.0\n", 't.csv:3: "correct" is neither')):
            path.write_bytes(text.encode())
            done = self.assay("import", "scores", path, "--dataset", "own", "--verifier", "judge", code=1)
            self.assertIn(needle, done.stderr)

    def test_a_dataset_that_is_not_there(self):
        """A mistyped --dataset was told as a model without samples."""
        self.judged()
        done = self.assay("import", "scores", self.scores(), "--dataset", "onw", "--verifier", "judge", code=1)
        self.assertRegex(done.stderr, r"--dataset onw is unknown: .* has own\.")
        path = self.folder / "s.csv"
        path.write_text("task_id,sample_id,score\nOwn/0,0,1\n")
        done = self.assay("import", "scores", path, "--dataset", "onw", "--verifier", "judge", code=1)
        self.assertRegex(done.stderr, r"--dataset onw is unknown: .* has own\.")

    def test_roc(self):
        self.judged()
        self.take_in(self.scores())
        row = self.json("roc", "--replicates", 100)["rows"][0]
        self.assertEqual((row["dataset"], row["model"], row["verifier"], row["gold"]), ("own", "m", "judge", "base,plus"))
        self.assertEqual((row["samples"], row["right"], row["not_scored"]), (7, 4, 1))
        # right 4 2 3 4, wrong 4 1 0: 12 pairs, of which 2 are tied and 2 in disorder.
        self.assertAlmostEqual(row["auc"], 9 / 12)
        self.assertAlmostEqual(row["auc_within"], (2.5 + 2) / (4 + 2))
        self.assertEqual([point["threshold"] for point in row["points"]], [4, 3, 2, 1, 0])
        point = row["points"][0]
        self.assertEqual((point["accepted"], point["tpr"], point["fdr"]), (3, 0.5, 1 / 3))
        self.assertEqual([best["lambda"] for best in row["best"]], [0, 1, 2, 4, 8])
        suite = self.json("roc", "--verifier", "base", "--replicates", 100)["rows"][0]
        self.assertEqual([(p["threshold"], p["accepted"]) for p in suite["points"]], [(1, 6), (0, 8)])
        self.assertIn("AUC", self.assay("roc", "--replicates", 100).stdout)
        self.assertIn("no scores by it", self.assay("roc", "--verifier", "nobody", code=2).stderr)

    def foreign(self, rows):
        path = self.folder / "f.csv"
        path.write_text("model,task_id,sample_id,score,correct\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
        return self.take_in(path)

    def test_a_threshold_is_printed_so_that_it_reads_back(self):
        """Four digits of a threshold accepted other samples than the row said."""
        self.foreign([("x", f"T/{p}", i, 0.123456789 + (i + 4 * p) * 1e-8, int(i > 1)) for p in range(4) for i in range(4)])
        said = self.assay("roc", "--replicates", 100).stdout
        best = self.json("roc", "--replicates", 100)["rows"][0]["best"][0]["threshold"]
        self.assertRegex(said, rf"\n0 +{best!r} ")
        self.assertIn("\n0.123456789 ", said)  # the last of the points accepts all
        row = self.json("rates", "--proxy", "judge>=0.123456789")["rows"][0]
        self.assertEqual(row["tp"] + row["fp"], 16)

    def test_intervals_are_said_to_be_what_they_are(self):
        """Both commands called all intervals bootstrap's, where most are Student's t."""
        self.foreign([("x", f"T/{p}", i, i, int(i > 1)) for p in range(4) for i in range(4)])
        self.assertIn("of ECE by bootstrap, of all others Student's t (of AUC by the jackknife)", self.assay("roc", "--replicates", 100).stdout)
        self.assertIn("Student's t, and by bootstrap without end", self.assay(
            "limits", "--proxy", "judge", "--select", "best", "--replicates", 100).stdout)

    def test_why_the_limit_without_end_is_not_known(self):
        """Without a right sample, the reason was that no wrong one is among those accepted, which were all wrong."""
        self.foreign([("x", f"T/{p}", i, i, 0) for p in range(4) for i in range(4)])
        said = self.assay("limits", "--proxy", "judge", "--select", "best", "--replicates", 100).stdout
        self.assertIn("not known, since no sample is right", said)
        self.assertNotIn("no wrong sample", said)

    def test_selecting(self):
        self.judged()
        self.take_in(self.scores())
        row = self.json("limits", "--proxy", "judge", "--select", "best", "--replicates", 100)["rows"][0]
        self.assertEqual(row["k"], [1, 2, 3, 4])
        self.assertAlmostEqual(row["accuracy"][0], 0.5)
        self.assertAlmostEqual(row["accuracy"][3], (0.5 + 1) / 2)
        self.assertAlmostEqual(row["accuracy"][1], (3.5 / 6 + 5 / 6) / 2)  # counted out by hand
        vote = self.json("limits", "--proxy", "judge", "--select", "vote", "--replicates", 100)["rows"][0]
        self.assertAlmostEqual(vote["accuracy"][3], 0.5)  # two against two in both problems
        weighted = self.json("limits", "--proxy", "judge", "--select", "weighted", "--replicates", 100)["rows"][0]
        self.assertAlmostEqual(weighted["accuracy"][3], 1)  # 6 against 5, 7 against 0
        first = self.json("limits", "--proxy", "judge", "--select", "first>=4", "--replicates", 100)["rows"][0]
        self.assertEqual(first["proxy"], "judge>=4")
        self.assertIn("right one is among", self.assay("limits", "--proxy", "judge", "--select", "best").stdout)
        for how in ("worst", "first>=x"):
            self.assay("limits", "--proxy", "judge", "--select", how, code=2)

    def test_where_scores_mean_nothing_they_are_refused(self):
        self.judged()
        self.take_in(self.scores())
        for arguments, needle in ((("rates", "--proxy", "judge"), "judge>=x"),
                                  # "judge>4" and "base+judge" were looked for among the suites alone.
                                  (("rates", "--proxy", "judge>4"), "judge is a verifier, whose scores"),
                                  (("rates", "--proxy", "base+judge"), "it is written judge>=x"),
                                  (("rates", "--proxy", "nobody>=1"), "no scores by nobody"),
                                  (("rates", "--proxy", "other+judge>=1"), "no such suite"),
                                  (("rates", "--proxy", "judge>=high"), "no number"),
                                  (("report", "--proxy", "judge>=4", "-o", self.folder / "r.html"), "suites alone")):
            self.assertIn(needle, self.assay(*arguments, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
