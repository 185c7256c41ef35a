"""assay simulate: rules against each other on stored verdicts, on imported counts and on a fit."""
import itertools
import pathlib
import subprocess
import sys
import unittest

from support import AssayTest, RIGHT
from limits_test import counts_file

RULES = ["first", "best-of", "majority", "rational"]


def rule(worth, name):
    return next(w for w in worth["rules"] if w["rule"] == name)


class OnVerdicts(AssayTest):
    def setUp(self):
        super().setUp()
        three = "def largest(numbers):\n    return 3\n"            # base: 1 of 2
        trap = ("def largest(numbers):\n    return max(numbers) if numbers != [7] else 0\n",
                "def largest(numbers):\n    return max(numbers) if 7 not in numbers else 0\n",
                "def largest(numbers):\n    return max(numbers) if min(numbers) > 0 else 9\n")
        self.programs = [RIGHT["Own/0"], *trap, three, "syntax error"]
        samples = self.samples(*[("Own/0", text) for text in self.programs],
                               *[("Own/1", RIGHT["Own/1"])] * 6)
        self.run_samples(samples, "--full")

    def worth(self, *arguments):
        out = self.json("simulate", "--lambda", "0,1", "--replicates", "200", *arguments)
        return out["rows"][0]

    def test_every_order_by_hand(self):
        row = self.worth("--trajectories", "20000")
        self.assertEqual(row["k"], list(range(7)))
        self.assertEqual([c["rule"] for c in row["curves"]], RULES[:3])
        self.assertEqual([c["exact"] for c in row["curves"]], [True, True, False])
        # Right; three traps, the first two of which behave alike; half right; wrong.
        kinds = [(True, 0, 1), (True, 1, 1), (True, 1, 1), (True, 2, 1), (False, 3, .5),
                 (False, 4, 0)]
        orders = list(itertools.permutations(range(6)))
        for k in (1, 2, 4, 6):
            won = {name: 0 for name in RULES[:3]}
            for order in orders:
                drawn = [kinds[i] + (i == 0,) for i in order[:k]]
                accepted = [d for d in drawn if d[0]]
                won["best-of"] += max(drawn, key=lambda d: d[2])[3]
                if accepted:
                    won["first"] += accepted[0][3]
                    kind = [d[1] for d in accepted]
                    won["majority"] += max(accepted, key=lambda d: kind.count(d[1]))[3]
            for curve in row["curves"]:
                other = 1   # Own/1 is always right
                expected = (won[curve["rule"]] / len(orders) + other) / 2
                self.assertAlmostEqual(curve["tp"][k], expected,
                                       delta=1e-12 if curve["exact"] else .01)

    def test_the_best_fixed_k_is_that_of_limits(self):
        row = self.worth()
        limits = self.json("limits", "--lambda", "0,1", "--replicates", "200")["rows"][0]
        for ours, theirs in zip(row["worth"], limits["utility"]):
            self.assertEqual(ours["lambda"], theirs["lambda"])
            self.assertEqual(ours["best_fixed"]["k"], theirs["k_opt"])
            self.assertAlmostEqual(ours["best_fixed"]["worth"], theirs["utility_opt"], places=12)

    def test_only_the_same_text_may_agree_instead(self):
        by_tests = next(c for c in self.worth()["curves"] if c["rule"] == "majority")
        by_text = next(c for c in self.worth("--agree", "program")["curves"]
                       if c["rule"] == "majority")
        # All six drawn: two traps outvote the right program, or each stands alone.
        self.assertAlmostEqual(by_tests["tp"][6], .5)
        self.assertGreater(by_text["tp"][6], .55)

    def test_without_a_fit_the_rational_rule_is_undefined_and_says_why(self):
        undefined = rule(self.worth()["worth"][0], "rational")
        self.assertIsNone(undefined["worth"])
        self.assertIsNone(undefined["interval"])
        self.assertIn("assay fit", undefined["reason"])
        text = self.assay("simulate", "--replicates", "200").stdout
        self.assertIn("assay fit", text)
        self.assertIn("best fixed K by lambda", text)
        self.assertIn("assay fit", self.assay("simulate", "--rule", "rational", code=1).stderr)
        self.assertIn("assay fit", self.assay("simulate", "--from", "fit", code=1).stderr)

    def test_bad_input_is_one_sentence(self):
        for arguments, code, needle in (
                (("--k-max", "7"), 1, "6 samples"), (("--k-max", "-1"), 1, "K = -1"),
                (("--rule", "best"), 2, "rule"), (("--trajectories", "0"), 1, "trajectories"),
                (("--wrong-ways", "0"), 1, "ways"), (("--lambda", "-1"), 1, "lambda"),
                (("--model", "none"), 1, "none"), (("--types", "a:b"), 2, "SHARE:RATE"),
                (("--types", "1:1", "--types", "1:0.5"), 2, "shares"),
                (("--types", "0.5:2"), 1, "probability")):
            done = self.assay("simulate", *arguments, code=code)
            self.assertIn(needle, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 2 if needle == "rule" else 1,
                             done.stderr)

    def test_help_names_the_rules_and_the_json(self):
        text = self.assay("simulate", "--help").stdout
        for word in (*RULES, "best_fixed", "Example"):
            self.assertIn(word, text)


class KnownTypes(AssayTest):
    def test_the_papers_two_types_and_a_true_infinity(self):
        out = self.json("simulate", "--types", "0.56:0.8738", "--types", "0.44:0.1382",
                        "--soundness", "0.7516", "--lambda", "0,0.7,1,2")
        self.assertEqual([row["k"] for row in out["rows"]], [None, 3, 2, 1])
        self.assertEqual([row["infinite"] for row in out["rows"]], [True, False, False, False])
        self.assertAlmostEqual(out["rows"][0]["worth"],
                               .56 * .8738 / (.8738 + .1262 * .2484)
                               + .44 * .1382 / (.1382 + .8618 * .2484), places=9)
        self.assertFalse(self.db.exists())


class OnCounts(AssayTest):
    def setUp(self):
        super().setUp()
        self.assay("import", "counts", counts_file(self.folder), "--dataset", "paper")

    def test_counts_alone_leave_one_question_open_and_it_is_named(self):
        out = self.json("simulate", "--lambda", "1", "--replicates", "200")
        self.assertEqual([row["model"] for row in out["rows"]], ["strong", "weak"])
        self.assertIn("1 way", " ".join(out["rows"][0]["notes"]))
        worst = rule(out["rows"][0]["worth"][0], "majority")
        best = rule(self.json("simulate", "--lambda", "1", "--replicates", "200", "--wrong-ways",
                              "1000")["rows"][0]["worth"][0], "majority")
        self.assertGreater(best["worth"], worst["worth"])

    def test_on_a_fit_and_twice_the_same(self):
        fitted = subprocess.run(self.command("fit", "--draws", "50"), capture_output=True,
                                text=True, check=False, timeout=300)
        if "built without libtorch" in fitted.stderr:
            self.skipTest("built without libtorch")
        self.assertEqual(fitted.returncode, 0, fitted.stderr)
        arguments = ("simulate", "--from", "fit", "--k-max", "100", "--lambda", "1", "--kappa",
                     "0.01", "--trajectories", "100")
        out = self.json(*arguments)
        self.assertEqual(out, self.json(*arguments))
        row = out["rows"][0]
        self.assertEqual(row["k"][-1], 100)
        limits = self.json("limits", "--k-max", "100", "--lambda", "1", "--kappa", "0.01",
                           "--replicates", "200")["rows"][0]["fitted"]
        self.assertEqual(row["k"], limits["k"])
        first = next(c for c in row["curves"] if c["rule"] == "first")
        n = self.json("limits", "--replicates", "200")["rows"][0]["n_min"]
        for k, mine, theirs in zip(limits["k"], first["tp"], limits["tp"]):
            self.assertAlmostEqual(mine, theirs, delta=.1)   # limits holds the fit to the samples,
            if k > n:   # and adds at most what the draws add beyond them
                self.assertLessEqual(theirs - limits["tp"][n], mine - first["tp"][n] + 1e-9)
        rational = rule(row["worth"][0], "rational")
        self.assertIsNotNone(rational["interval"])
        self.assertIsNotNone(rational["stopped_by_k_max"])
        on_verdicts = self.json("simulate", "--lambda", "1", "--kappa", "0.01", "--replicates",
                                "200")["rows"][0]
        self.assertIsNotNone(rule(on_verdicts["worth"][0], "rational")["worth"])


class StoredFits(AssayTest):
    """DB.fit.pt and DB.module.pt were TorchScript, read by limits and report merely because they
    lay beside the database: opening one wrote any file of the user's."""

    MAKE_HOSTILE = """
import sys, torch
class S(torch.nn.Module):
    def __init__(self):
        super().__init__(); self.x = 1; self.training = False
    @torch.jit.export
    def __getstate__(self): return (1, False)
    @torch.jit.export
    def __setstate__(self, state: Tuple[int, bool]):
        self.training = state[1]
        t = torch.from_file("TARGET", True, 8, dtype=torch.uint8)
        t.copy_(torch.tensor([108, 111, 97, 100, 101, 100, 33, 10], dtype=torch.uint8))
        self.x = int(t.sum().item())
    def forward(self, x: int) -> int: return x
torch.jit.script(S()).save(sys.argv[1])
"""

    def setUp(self):
        super().setUp()
        self.assay("import", "counts", counts_file(self.folder), "--dataset", "paper")
        self.written = self.folder / "written"
        script = self.folder / "hostile.py"
        script.write_text("from typing import Tuple\n"
                          + self.MAKE_HOSTILE.replace("TARGET", str(self.written)))
        self.hostile = self.folder / "hostile.pt"
        for python in (sys.executable, "/usr/bin/python3"):
            done = subprocess.run([python, str(script), str(self.hostile)], capture_output=True,
                                  check=False, timeout=300) if pathlib.Path(python).exists() else None
            if done and done.returncode == 0:
                self.written.unlink(missing_ok=True)
                return
        self.hostile.write_bytes(b"PK\x03\x04 as if it were one")  # no torch here: its name suffices

    def test_no_command_opens_an_archive_that_lies_about(self):
        for name in (".fit.pt", ".module.pt", ".fit.safetensors"):
            beside = pathlib.Path(str(self.db) + name)
            beside.write_bytes(self.hostile.read_bytes())
            code = 1 if name == ".fit.safetensors" else 0
            done = self.assay("limits", "--replicates", "200", code=code)
            self.assertIn("assay fit", done.stdout + done.stderr)
            self.assay("report", "-o", self.folder / "page.html", "--replicates", "200")
            self.assertIn("assay fit", (self.folder / "page.html").read_text())
            self.assay("simulate", "--replicates", "200", code=code)
            self.assertFalse(self.written.exists(), f"{name} was opened")
            beside.unlink()

    def test_a_module_runs_when_it_is_named_and_never_again(self):
        export = pathlib.Path(__file__).resolve().parents[1] / "simulator" / "export_module.py"
        module = self.folder / "module.pt"
        made = subprocess.run(["/usr/bin/python3", str(export), str(module)], capture_output=True,
                              check=False)
        if made.returncode != 0:
            self.skipTest("no python3-torch")
        done = subprocess.run(self.command("fit", "--module", module, "--k-max", "60"),
                              capture_output=True, text=True, check=False)
        if "built without libtorch" in done.stderr:
            self.skipTest("built without libtorch")
        self.assertEqual(done.returncode, 0, done.stderr)
        module.unlink()
        fitted = self.json("limits", "--replicates", "200")["rows"][0]["fitted"]
        self.assertEqual(fitted["k"][-1], 60)
        self.assertIn("module", fitted["method"])
        self.assertFalse(pathlib.Path(str(self.db) + ".module.pt").exists())
        self.assertIn("without --module",
                      self.assay("simulate", "--from", "fit", code=1).stderr)


if __name__ == "__main__":
    unittest.main()
