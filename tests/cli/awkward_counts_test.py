"""Counts that leave numbers undefined, or make no sense: null with a reason, or one clear sentence; never NaN."""
import json
import unittest

from support import AssayTest


def refuse(constant):
    raise AssertionError(f"{constant} in the output")


class AwkwardCounts(AssayTest):
    def put(self, *rows, header="model,task_id,n,tp,fp", code=0):
        path = self.folder / "counts.csv"
        path.write_text("\n".join((header, *rows)) + "\n")
        return self.assay("import", "counts", path, "--dataset", "d", code=code)

    def strict(self, *arguments):
        """JSON of a command that must not hold NaN or Infinity, and nobody's clamp of them."""
        text = self.assay(*arguments, "--json").stdout
        return json.loads(text, parse_constant=refuse)

    def everything(self, fit=True):
        """rates and limits, then limits with a fit: (rates row, limits row, limits row with a fit)."""
        rates = self.strict("rates", "--replicates", "200")["rows"][0]
        limits = self.strict("limits", "--replicates", "200")["rows"][0]
        self.assay("rates"), self.assay("limits", "--replicates", "200")  # as text too
        if not fit or not self.fit():
            return rates, limits, None
        return rates, limits, self.strict("limits", "--replicates", "200", "--k-max", "50")["rows"][0]

    def fit(self):
        try:
            self.assay("fit", "--draws", "20")
        except AssertionError as error:
            if "without libtorch" in str(error):
                return False
            raise
        return True

    def refused(self, *arguments, needle, code=1):
        done = self.assay(*arguments, code=code)
        self.assertIn(needle, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_no_acceptance_at_all(self):
        self.put(*(f"m,T/{i},10,0,0" for i in range(8)))
        rates, limits, fitted = self.everything()
        for name in ("fdr", "fdr_macro", "ceiling_macro"):
            self.assertIsNone(rates[name], name)
        self.assertEqual((rates["ceiling_lower"], rates["ceiling_upper"]), (0, 1))
        self.assertTrue(any("accepted" in note for note in rates["notes"]))
        self.assertEqual(limits["tp"][-1], 0)
        self.assertEqual(limits["fdr_by_attempt"], [None] * 11)
        self.assertEqual(limits["utility"][0]["k_opt"], 0)
        if fitted:
            self.assertGreaterEqual(fitted["fitted"]["tp"][-1], 0)

    def test_all_accepted_and_correct(self):
        self.put(*(f"m,T/{i},10,10,0" for i in range(8)))
        rates, limits, _ = self.everything()
        self.assertEqual(rates["fdr"], 0)
        self.assertGreater(rates["intervals"]["fdr"][1], 0.2)  # none of 8 problems: an exact bound
        self.assertIsNone(rates["fpr"])
        self.assertEqual(limits["utility"][4]["k_opt"], 1)

    def test_one_problem(self):
        self.put("m,T/0,10,4,2")
        rates, limits, _ = self.everything()
        self.assertAlmostEqual(rates["accuracy"], 0.4)
        self.assertIsNone(rates["intervals"]["accuracy"])
        self.assertIsNone(limits["bands"]["tp"])
        self.assertTrue(any("one problem" in note for note in limits["notes"]))

    def test_one_sample(self):
        self.put("m,T/0,1,1,0", "m,T/1,1,0,1", "m,T/2,1,0,0")
        rates, limits, _ = self.everything()
        self.assertEqual(limits["k"], [0, 1])
        self.assertIsNone(rates["pass_at_k"]["10"])
        self.assertTrue(any("pass@10" in note for note in rates["notes"]))

    def test_no_samples(self):
        self.put("m,T/0,0,0,0", "m,T/1,5,2,1")
        rates, limits, _ = self.everything(fit=False)
        self.assertEqual((rates["problems"], limits["problems"]), (1, 1))
        self.put("empty,T/0,0,0,0")
        done = self.assay("rates", "--model", "empty")
        self.assertIn("empty", done.stderr)

    def test_unequal_n(self):
        self.put("m,T/0,20,5,1", "m,T/1,7,2,2", "m,T/2,40,0,0")
        _, limits, fitted = self.everything()
        self.assertEqual(limits["n_min"], 7)
        self.assertEqual(limits["k"][-1], 7)
        if fitted:
            self.assertEqual((fitted["k"][-1], fitted["fitted"]["k"][-1]), (7, 50))
        self.refused("limits", "--db", self.db, "--model", "m", "--lambda", "-1", needle="lambda")

    def test_more_draws_than_samples_without_a_fit(self):
        self.put("m,T/0,20,5,1", "m,T/1,7,2,2")
        self.refused("limits", "--k-max", "8", needle="only 7 samples")
        self.refused("limits", "--k-max", "-1", needle="K up to -1")
        # A newcomer asked for 0: TP at 1 was printed as 0, and that no sample was accepted.
        self.refused("limits", "--k-max", "0", needle="at least 1")

    def test_costs_that_make_no_sense(self):
        self.put("m,T/0,20,5,1", "m,T/1,7,2,2")
        self.refused("limits", "--lambda", "-0.5", needle="lambda")
        self.assertIn("nan is no number", self.assay("limits", "--lambda", "nan", code=2).stderr)
        self.refused("limits", "--kappa", "-1", needle="kappa")
        self.refused("limits", "--kappa", "inf", needle="kappa")

    def test_counts_that_do_not_add_up(self):
        for row, needle in (("m,T/0,5,4,2", "n"), ("m,T/0,-1,0,0", "n"), ("m,T/0,5,-1,0", "tp"),
                            ("m,T/0,5,x,0", "tp"), ("m,T/0,5,1", "")):
            done = self.put(row, code=1)
            self.assertRegex(done.stderr, r'counts.csv(:2\b|.* line "?2\b)')
            self.assertIn(needle, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_an_archive_fitted_on_other_counts(self):
        self.put("m,T/0,20,5,1", "m,T/1,7,2,2")
        if not self.fit():
            self.skipTest("built without libtorch")
        self.put("m,T/2,9,2,2")
        self.refused("limits", needle="other counts")
        (self.folder / "assay.db.fit.safetensors").write_bytes(b"no archive")
        self.refused("limits", needle="not a fit")


if __name__ == "__main__":
    unittest.main()
