#!/usr/bin/env python3
"""What a real judge's scores are worth for each way of choosing among answers: GPT-3.5's recorded scores (0 to 4) of 20 programs
for each of 161 HumanEval problems, beside the benchmark's own base tests. Build first; then, where $ASSAY_DATA lies:
tests/bench/judge_scores.py FOLDER [--repeat 20]

Writes the scored samples and their scores (a quarter of each, so that they are within 0 to 1) into FOLDER, and the searches into
a database there: the same command goes on. The truth is HumanEval's plus suite; with --gold base it is the base tests, as in
the published best-of-N. `+calibrated` and `rational` learn on the problems behind the first 80, so they are tried on these 80."""
import argparse
import csv
import gzip
import json
import os
import pathlib
import subprocess

ASSAY = os.environ.get("ASSAY", "build/release/assay")
DATA = pathlib.Path(os.environ["ASSAY_DATA"])
STRATEGIES = "sample,best-of,weighted-best-of,first-accepted,rejection,pessimism"


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(map(json.loads, lines))


def write_inputs(folder):
    folder.mkdir(exist_ok=True)
    scored = rows(DATA / "scores" / "humaneval-python-verifier-scores-n20.jsonl.gz")
    with open(folder / "scores.csv", "w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["task_id", "sample_id", "score"])
        for row in scored:
            judge = row["judge_noref"]
            table.writerow([row["task_id"], row["sample_id"], "" if judge is None else judge / 4])
    wanted = {(row["task_id"], row["sample_id"]) for row in scored}
    with open(folder / "samples.jsonl", "w", encoding="utf-8") as out:
        for row in rows(DATA / "samples" / "humaneval-python-code-davinci-002-t0.8-n200.jsonl.gz"):
            if (row["task_id"], row["sample_id"]) in wanted:
                out.write(json.dumps({key: row[key] for key in ("task_id", "sample_id", "completion")}) + "\n")


def search(folder, options, verifier, *more, strategies=STRATEGIES):
    command = [ASSAY, "search", "--task", "humaneval", "--only-sampled", "--policy", f"samples:{folder}/samples.jsonl", "--verifier",
               verifier, "--strategy", strategies, "--n", "1,2,4,8,16", "--repeat", str(options.repeat), "--samples", "200",
               "--db", f"{folder}/search.db", *more]
    if options.gold:
        command += ["--gold", options.gold]
    print("\n" + " ".join(command))
    done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def shown(value):
    return "–" if value is None else f"{value:.3f}".lstrip("0")


def table(said):
    verifier = said["verifiers"][0]
    print(f"\n{said['rows'][0]['problems']} problems; on finished answers tpr {shown(verifier['tpr'])}, fpr {shown(verifier['fpr'])}, "
          f"AUC {shown(verifier['auc'])}, within problems {shown(verifier['auc_within'])}, ECE {shown(verifier['ece'])}, "
          f"Brier {shown(verifier['brier'])}, not judged {verifier['not_judged']} of {verifier['n'] + verifier['not_judged']}\n")
    budgets = sorted({row["n"] for row in said["rows"]})
    foretold = {(row["strategy"], row["n"]): row["accuracy"] for row in said["predicted"]}
    print("| strategy | " + " | ".join(f"n = {n}" for n in budgets) + " | 95% at the last | fdr there | abstained there |")
    print("|---" * (len(budgets) + 4) + "|")
    for strategy in dict.fromkeys(row["strategy"] for row in said["rows"]):
        mine = {row["n"]: row for row in said["rows"] if row["strategy"] == strategy}
        last = mine[budgets[-1]]
        low, high = last["accuracy_interval"]
        print(f"| {strategy} | " + " | ".join(shown(mine[n]["accuracy"]) for n in budgets) +
              f" | [{shown(low)}, {shown(high)}] | {shown(last['fdr'])} | {shown(last['abstained'])} |")
        if (strategy, budgets[0]) in foretold:
            print("| ... foretold | " + " | ".join(shown(foretold[strategy, n]) for n in budgets) + " | | | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--gold", default="")
    options = parser.parse_args()
    write_inputs(options.folder)
    judge = f"recorded:{options.folder}/scores.csv"
    for verifier in (judge, "suite:base"):
        table(search(options.folder, options, verifier))
    for verifier in (judge + "+calibrated", "suite:base"):
        table(search(options.folder, options, verifier, "--problems", "80", strategies=STRATEGIES + ",rational"))


if __name__ == "__main__":
    main()
