#!/usr/bin/env python3
"""The list language judged twice: by `assay search`, and by `assay run` on samples that it exports, with what `rates` and
`limits` make of them. Build first; then: tests/bench/list_limits.py [--problems 500] [--samples 64] [--visible 1,2,4]

Two tables for each number of visible tests. Of the same samples each number must be the same (to 1e-9). Draws of its own
are what `first-accepted` measures; beside them stand the curves that `limits` computes from the exported samples. The
problems are the same, and `limits` averages over many draws where the search has one: its number must lie in the 95%
interval of the search's, which covers problems and draws. Its own interval is shown beside it.
Exits 1 where anything does not agree."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ASSAY = os.environ.get("ASSAY", "build/release/assay")
SAME = 1e-9


def assay(*words):
    done = subprocess.run([ASSAY, *map(str, words), "--json"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def shown(value, interval):
    return f"{value:.4f}" + (" [{:.4f}, {:.4f}]".format(*interval) if interval else "")


class Comparison:
    def __init__(self):
        self.agree = True

    def line(self, name, one, other, agree):
        self.agree &= agree
        print(f"| {name} | {shown(*one)} | {shown(*other)} | {'yes' if agree else 'NO'} |")

    def same(self, name, one, other):
        self.line(name, (one, None), (other, None), abs(one - other) < SAME)

    def near(self, name, one, other):
        """Each is a value and its interval."""
        self.line(name, one, other, one[1][0] <= other[0] <= one[1][1])


def compare(visible, options, folder):
    numbers = [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= options.samples]
    said = assay("search", "--task", f"list:{visible}", "--policy", options.policy, "--verifier", "suite:visible",
                 "--problems", options.problems, "--samples", options.samples, "--seed", options.seed, "--export", folder,
                 "--strategy", "sample,best-of,first-accepted", "--n", ",".join(map(str, numbers)), "--quiet")
    database = folder / "assay.db"
    assay("run", "--dataset", folder / "problems.jsonl", "--samples", folder / "samples.jsonl", "--full", "--db", database, "--quiet")
    asked = ["--proxy", "base", "--gold", "plus", "--db", database]
    rates, limits = (assay(command, *asked)["rows"][0] for command in ("rates", "limits"))
    rows = {(row["strategy"], row["n"]): row for row in said["rows"]}
    foretold = {(row["strategy"], row["n"]): row["accuracy"] for row in said["predicted"]}
    verifier = said["verifiers"][0]
    both = Comparison()

    print(f"\n## list:{visible}, policy {options.policy}: {rates['problems']} problems, {rates['samples']} samples, "
          f"{rates['missing']} not judged\n")
    print("| of the same samples | assay search | assay run, rates, limits | agree |\n|---|---|---|---|")
    both.same("accuracy", foretold["sample", 1], rates["accuracy"])
    both.same("accepted of right", verifier["tpr"], 1 - rates["fnr"])
    both.same("fpr: accepted of wrong", verifier["fpr"], rates["fpr"])
    if rates["fn"] == 0:  # then the best of n is right where the first accepted of n is
        for n in numbers:
            both.same(f"right within {n}", foretold["best-of", n], limits["tp"][n])

    print("\n| by draws of its own | assay search | assay rates, limits | agree |\n|---|---|---|---|")
    one = rows["sample", 1]
    both.near("accuracy of a sample", (one["accuracy"], one["accuracy_interval"]),
              (rates["accuracy"], rates["intervals"]["accuracy"]))
    for n in numbers:
        row = rows["first-accepted", n]
        band = lambda name: [limits["bands"][name][end][n] for end in ("lo", "hi")]  # noqa: E731
        both.near(f"first accepted of {n}: right", (row["accuracy"], row["accuracy_interval"]), (limits["tp"][n], band("tp")))
        both.near(f"first accepted of {n}: wrong", (row["fp_mass"], row["fp_mass_interval"]), (limits["fp"][n], band("fp")))
        precision = band("cumulative_precision")
        both.near(f"first accepted of {n}: fdr", (row["fdr"], row["fdr_interval"]),
                  (1 - limits["cumulative_precision"][n], [1 - precision[1], 1 - precision[0]]))
    return both.agree


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--visible", default="1,2,4")
    parser.add_argument("--policy", default="guided")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    agree = True
    for visible in options.visible.split(","):
        with tempfile.TemporaryDirectory(prefix="assay-list-") as folder:
            agree &= compare(visible, options, pathlib.Path(folder))
    print("\nAll agree." if agree else "\nNot all agree.")
    sys.exit(not agree)


if __name__ == "__main__":
    main()
