#!/usr/bin/env python3
"""What a trained sampler is worth as the particle filter's proposal: proposal.py ASSAY FOLDER [--sampler FILE.gpt] [--repeat 400]

On the task symbols, where nothing is known before an answer is finished: the policy is base.gpt, the sampler gflownet.gpt, both made in
FOLDER where they are not there yet. For the policy alone, for resampling at every step and for weights of whole answers (ess=0): how often
the chosen answer is accepted and right by the number of particles, and by how much the estimate of Z errs (root mean square, as a share of
Z). Last, how many particles without the sampler do what n with it do. 95% intervals over the repetitions.
"""
import argparse
import json
import math
import pathlib
import sqlite3
import subprocess

BASE = ["--steps", 600, "--batch", 128]
SAMPLER = ["--steps", 2400]
SIZE = ["--dim", 64, "--hidden", 128]
WAYS = [("policy alone", "particle[weights=probability,choose=draw,ess=0]", False),
        ("proposal, ess=1", "particle[weights=probability,choose=draw]", True),
        ("proposal, ess=0.5", "particle[weights=probability,choose=draw,ess=0.5]", True),
        ("proposal, ess=0", "particle[weights=probability,choose=draw,ess=0]", True)]


def run(arguments, *command):
    done = subprocess.run([arguments.assay, *map(str, command), "--json", "--quiet"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def rows(arguments, strategy, proposed, budgets):
    """By n, the answers of each repetition: (accepted, right, estimate of Z)."""
    database = arguments.folder / "proposal.db"
    policy, sampler = f"gpt:{arguments.folder / 'base.gpt'}", f"gpt:{arguments.sampler}"
    run(arguments, "search", "--task", "symbols", "--policy", policy, *(["--proposal", sampler] if proposed else []), "--strategy", strategy,
        "--n", ",".join(map(str, budgets)), "--repeat", arguments.repeat, "--samples", 2, "--db", database)
    with sqlite3.connect(database) as connection:
        found = connection.execute(
            "SELECT n, accepted, truth, log_z FROM search_answer JOIN search ON id = search_id WHERE policy = ? AND strategy = ? AND replicate < ? "
            "AND json_extract(options, '$.proposal') IS ?", (policy, strategy, arguments.repeat, sampler if proposed else None)).fetchall()
    out = {n: [] for n in budgets}
    for n, accepted, right, log_z in found:
        if n in out:
            out[n].append((accepted or 0, right, 0 if log_z is None else math.exp(log_z)))
    return out


def share(values):
    mean = sum(values) / len(values)
    half = 1.96 * math.sqrt(mean * (1 - mean) / len(values))
    return f"{mean:.3f} ± {half:.3f}"


def error(values, z):
    return math.sqrt(sum((value / z - 1) ** 2 for value in values) / len(values))


def needed(n, accepted, legal):
    """Plain draws of which one is accepted as often, over n; none can be told where all are."""
    return f"{math.log1p(-accepted) / math.log1p(-legal) / n:.1f}" if accepted < 1 else "–"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--sampler", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=400)
    parser.add_argument("--n", default="1,2,4,8,16,32,64")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    base = arguments.folder / "base.gpt"
    if not base.exists():
        run(arguments, "train", "base", "--task", "symbols", *SIZE, *BASE, "-j", 1, "-o", base)
    if not arguments.sampler:
        arguments.sampler = arguments.folder / "gflownet.gpt"
        if not arguments.sampler.exists():
            said = run(arguments, "train", "gflownet", "--task", "symbols", "--from", base, *SAMPLER, "-o", arguments.sampler)
            print(json.dumps({"before": said["before"], "eval": said["eval"]}), flush=True)
    budgets = [int(n) for n in arguments.n.split(",")]
    made = {name: rows(arguments, strategy, proposed, budgets) for name, strategy, proposed in WAYS}
    plain = [answer for n in budgets for answer in made["policy alone"][n] for _ in range(n)]
    z = sum(answer[2] for answer in plain) / len(plain)  # every plain draw counts once
    print(f"Z, the share of the policy's answers that is accepted: {z:.4f}\n")
    print("| | n | accepted | right | right of accepted | error of Z | times the particles, for accepted | for Z |")
    print("|---" * 8 + "|")
    for name, by_n in made.items():
        for n, answers in by_n.items():
            accepted, right, estimates = zip(*answers)
            off, mean = error(estimates, z), sum(accepted) / len(accepted)
            times = "" if name == "policy alone" else f"{needed(n, mean, z)} | {(1 - z) / z / n / off ** 2:.1f}"
            print(f"| {name} | {n} | {share(accepted)} | {share(right)} | {sum(right) / max(1, sum(accepted)):.3f} | {off:.3f} | {times or '|'} |", flush=True)


if __name__ == "__main__":
    main()
