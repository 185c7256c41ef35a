"""limits and fit from imported counts: exact curves, extrapolation, reproducible to the last digit."""
import random
import unittest

from support import AssayTest, RIGHT


def counts_file(folder):
    """Two models on 40 problems, 20 samples each, as `import counts` reads them."""
    draw = random.Random(1)
    rows = ["model,task_id,n,tp,fp"]
    for name, shift in (("weak", 0.15), ("strong", 0.6)):
        for i in range(40):
            p, theta = min(0.98, shift * 2 * draw.random()), 0.5 + draw.random() / 2
            accepted = sum(draw.random() < p for _ in range(20))
            tp = sum(draw.random() < theta for _ in range(accepted))
            rows.append(f"{name},T/{i:02},20,{tp},{accepted - tp}")
    path = folder / "counts.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


class Limits(AssayTest):
    def setUp(self):
        super().setUp()
        path = counts_file(self.folder)
        self.assay("import", "counts", path, "--dataset", "paper")

    def test_exact_curves_without_a_fit(self):
        out = self.json("limits", "--lambda", "0,2", "--replicates", "500")
        row = out["rows"][0]
        self.assertEqual(row["model"], "strong")
        self.assertEqual(row["k"], list(range(21)))
        self.assertIsNone(row["fitted"])
        self.assertAlmostEqual(row["tp"][1], self.json("rates")["rows"][0]["accuracy"])
        self.assertIsNone(row["fdr_by_attempt"][0])
        self.assertLess(row["bands"]["tp"]["lo"][5], row["tp"][5])
        self.assertEqual([u["lambda"] for u in row["utility"]], [0, 2])
        match = out["rows"][1]["k_match"][0]
        self.assertEqual(match["strong"], "strong")

    def test_fit_sees_beyond_n_and_both_repeat_to_the_last_digit(self):
        self.assay("limits", "--k-max", "100", code=1)
        without = self.assay("limits", "--k-max", "100", code=1).stderr
        self.assertIn("assay fit", without)
        try:
            self.assay("fit", "--draws", "50")
        except AssertionError as error:
            if "built without libtorch" in str(error):
                self.skipTest("built without libtorch")
            raise
        first = self.json("limits", "--k-max", "100", "--replicates", "500")
        self.assertEqual(first["rows"][0]["fitted"]["k"][-1], 100)
        self.assertEqual(first["rows"][0]["k"][-1], 20)
        fitted = first["rows"][0]["fitted"]
        self.assertEqual(fitted["identified"], 40)   # twice 20 samples
        self.assertIn("not identified", fitted["notes"][0])
        lo, hi = fitted["bands"]["tp"]["lo"][-1], fitted["bands"]["tp"]["hi"][-1]
        self.assertEqual(fitted["ceiling"]["interval"], [lo, hi])   # neither rests on a sample
        self.assertIn(f"(not identified: {lo:.3f} to {hi:.3f})", self.assay("limits", "--k-max", "100").stdout)
        self.assay("fit", "--draws", "50")
        self.assertEqual(first, self.json("limits", "--k-max", "100", "--replicates", "500"))
        one = self.json("limits", "--weak", "weak", "--strong", "strong", "--replicates", "500")
        self.assertEqual([row["model"] for row in one["rows"]], ["weak"])
        self.assertEqual(len(one["rows"][0]["fitted"]["k_match"]), 1)

    def test_a_plan_says_how_many_problems_a_width_takes(self):
        said = self.json("plan", "--width", "0.1", "--rate", "accuracy,fdr", "--samples", "1,20")
        self.assertEqual([(row["model"], row["rate"]) for row in said["rows"]],
                         [("strong", "accuracy"), ("strong", "fdr"), ("weak", "accuracy"), ("weak", "fdr")])
        rates = {row["model"]: row for row in self.json("rates")["rows"]}
        for row in said["rows"]:
            same = rates[row["model"]]
            for here, there in zip((row["value"], *row["interval"]), (same[row["rate"]], *same["intervals"][row["rate"]])):
                self.assertAlmostEqual(here, there)
            one, twenty = row["rows"]
            self.assertGreater(one["problems"], twenty["problems"])
            # What was judged is 20 samples of 40 problems, and the plan says of that what it is.
            self.assertAlmostEqual(twenty["width_here"], row["width"], delta=.1 * row["width"])
            self.assertLess(row["width_without_end"], twenty["width_here"])
        self.assertIn("no number of samples does", self.assay("plan", "--width", "0.01").stdout)
        self.assertIn("--width", self.assay("plan", "--width", "1", code=2).stderr)

    def test_no_suite_size_from_imported_counts_and_it_says_so(self):
        row = self.json("limits", "--replicates", "100")["rows"][0]
        self.assertIsNone(row["suite_size"])
        self.assertIn("imported", row["suite_size_missing"])
        self.assertIn("imported", self.assay("limits", "--replicates", "100").stdout)

    def test_bad_input_is_one_sentence(self):
        for arguments, code, needle in ((("--lambda", "-1"), 1, "lambda"),
                                        (("--weak", "weak"), 2, "--strong"),
                                        (("--model", "none"), 1, "none")):
            done = self.assay("limits", *arguments, code=code)
            self.assertIn(needle, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


class SuiteSize(AssayTest):
    def limits(self):
        return self.json("limits", "--replicates", "200", "--proxy", "base")["rows"][0]

    def test_needs_every_test_and_then_gives_the_exact_rates(self):
        first = "def largest(numbers):\n    return 3\n"       # right on one base test of two
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/0", first),
                               ("Own/0", "def largest(numbers):\n    return 0\n"),
                               ("Own/1", RIGHT["Own/1"]), ("Own/1", "def double(x):\n    return 0\n"),
                               ("Own/1", "syntax error"))
        self.run_samples(samples, "--stop-at-first-failure")
        row = self.limits()
        self.assertIsNone(row["suite_size"])
        self.assertIn("--full", row["suite_size_missing"])
        self.run_samples(samples, "--full")
        row = self.limits()
        self.assertIsNone(row["suite_size_missing"])
        sizes = row["suite_size"]
        self.assertEqual(sizes["tests"], [1, 2])
        self.assertEqual(sizes["k"], 3)
        # One test of two: 1 + 1/2 of three samples of Own/0, one of three of Own/1.
        self.assertAlmostEqual(sizes["acceptance"][0]["value"], (1.5 / 3 + 1 / 3) / 2)
        self.assertAlmostEqual(sizes["fdr"][0]["value"], 0.5 / 2.5)
        self.assertEqual(sizes["fdr"][1]["value"], 0)


if __name__ == "__main__":
    unittest.main()
