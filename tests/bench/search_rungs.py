#!/usr/bin/env python3
"""What each strategy reaches, verifier by verifier: search_rungs.py ASSAY FOLDER game24|chains [--seeds 1,2,3] [--problems 500]

game24: on the votes of a real verifier, calibrated; with the truth for the first step, which says what its weak first
level costs; and with the ceilings of the votes as they are. chains: a policy that takes .86 of the steps
rightly (`assay train base --until`) under the same model trained on, calibrated on other problems: to .975, where it still
shares errors with the policy (the natural rung); to .995 (clean); that with noise on bounded log odds (the noise rung), and
blind to 15% of the errors: of which it is surer than of right answers (the systematic rung), and less sure. Models are made in FOLDER where they are not there yet: p1.gpt, w1.gpt,
v1.gpt and so on. Each seed has problems, models and draws of its own. Prints tables in Markdown, with 95% intervals over
problems, and how many times the generations of the particle filter at 8 others need; last one over all seeds, by a paired
bootstrap over the problems within each.
"""
import argparse
import json
import math
import pathlib
import random
import sqlite3
import subprocess

STRATEGIES = ["sample", "majority", "best-of", "weighted-best-of", "beam", "dvts", "dvts[choose=vote]", "particle",
              "particle[choose=vote]", "particle[weights=probability]", "entropic-particle", "soft-best-of", "pessimism"]


def run(arguments, *command):
    done = subprocess.run([arguments.assay, *map(str, command), "--json", "--quiet"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def search(arguments, seed, *command):
    return run(arguments, "search", "--seed", seed, "--problems", arguments.problems, "--n", arguments.n, "--samples", 32,
               "--db", arguments.folder / "rungs.db", *[word for name in STRATEGIES for word in ("--strategy", name)], *command)


def shown(value, interval):
    return f"{value:.2f}" + (f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "")


def table(title, said, seed):
    budgets = sorted({row["n"] for row in said["rows"]})
    print(f"\n{title}, seed {seed}\n", flush=True)
    print(f"| strategy | " + " | ".join(f"@{n}" for n in budgets) + " | fdr at the last | ceiling | times the generations |")
    print("|---" * (len(budgets) + 4) + "|")
    scaling = {one["strategy"]: one for one in said["scaling"]}
    foretold = {(one["strategy"], one["n"]): one["accuracy"] for one in said["predicted"]}
    for name in STRATEGIES:
        rows = {row["n"]: row for row in said["rows"] if row["strategy"] == name}
        cells = [shown(rows[n]["accuracy"], rows[n]["accuracy_interval"]) +
                 (f" ({foretold[name, n]:.2f})" if (name, n) in foretold else "") for n in budgets]
        last, times = rows[budgets[-1]], scaling.get(name)
        cells.append("–" if last["fdr"] is None else f"{last['fdr']:.2f}")
        cells.append("–" if last["ceiling"] is None else f"{last['ceiling']:.2f}")
        cells.append("" if not times or times["ratio"] is None else
                     ("> " if times["censored"] else "") + f"{times['ratio']:.1f} [{times['interval'][0]:.1f}, {times['interval'][1]:.1f}]")
        print(f"| {name} | " + " | ".join(cells) + " |")
    final = said["verifiers"][0]
    print(f"\nThe verifier on answers: AUC {final['auc']:.3f}, within problems {final['auc_within']:.3f}, calibration error {final['ece']:.3f}; "
          f"by step, AUC: {', '.join(format(one['auc'], '.3f') for one in said['verifiers'][1:] if one['auc'] is not None)}. "
          "In parentheses: foretold by the scores of plain samples.")


LANE = 16  # bits in which a strategy's right answers at one n are counted, all of a resample in one addition


def reached(budgets, curve, goal):
    """At how many generations the curve has the goal, read between budgets on a logarithmic scale as `assay search` reads it;
    none: nowhere."""
    best = -1
    for k, accuracy in enumerate(curve):
        if accuracy >= goal:
            if k == 0:
                return budgets[0]
            share = (goal - best) / (accuracy - best)
            return 2 ** (math.log2(budgets[k - 1]) + share * math.log2(budgets[k] / budgets[k - 1]))
        best = max(best, accuracy)
    return None


def pooled(arguments, title, seeds):
    """The table of a rung over all seeds: `seeds` are the searches that made it, each (policy, verifier)."""
    budgets = [int(n) for n in arguments.n.split(",")]
    columns = [(name, n) for name in STRATEGIES for n in budgets]
    database = sqlite3.connect(arguments.folder / "rungs.db")
    strata = []
    for policy, verifier in seeds:
        packed = {}
        for task_id, name, n, truth in database.execute(
                "SELECT task_id, strategy, n, truth FROM search_answer JOIN search ON id = search_id WHERE policy = ? AND verifier = ? AND replicate = 0",
                (policy, verifier)):
            if (name, n) in columns and int(task_id.split("/")[-1]) < arguments.problems:
                packed[task_id] = packed.get(task_id, 0) + (int(truth) << LANE * columns.index((name, n)))
        strata.append(list(packed.values()))
    problems = sum(map(len, strata))
    assert problems == len(seeds) * arguments.problems < 1 << LANE

    def unpacked(total):
        return {column: (total >> LANE * k & (1 << LANE) - 1) / problems for k, column in enumerate(columns)}

    draws = random.Random(1)
    resamples = [unpacked(sum(sum(draws.choices(stratum, k=len(stratum))) for stratum in strata)) for _ in range(2000)]
    measured = unpacked(sum(map(sum, strata)))

    def interval(values):
        values = sorted(values)
        return values[int(.025 * len(values))], values[int(.975 * len(values)) - 1]

    def times(accuracies, name):
        at = reached(budgets, [accuracies[name, n] for n in budgets], accuracies["particle", 8])
        return (at or budgets[-1]) / 8, at is None

    print(f"\n{title}, over {len(seeds)} seeds, {problems} problems\n")
    print("| strategy | " + " | ".join(f"@{n}" for n in budgets) + " | times the generations of `particle` at 8 |")
    print("|---" * (len(budgets) + 2) + "|")
    for name in STRATEGIES:
        cells = [shown(measured[name, n], interval([one[name, n] for one in resamples])) for n in budgets]
        ratio, censored = times(measured, name)
        low, high = interval([times(one, name)[0] for one in resamples])
        cells.append("" if name == "particle" else ("> " if censored else "") + f"{ratio:.1f} [{low:.1f}, {high:.1f}]")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def game24(arguments, seed):
    rungs = (("Game of 24, votes calibrated", "votes+calibrated", [".2"]),
             ("Game of 24, votes with a true first step, calibrated", "votes-first-true+calibrated", [".2"]),
             ("Game of 24, votes as they are", "votes", [".5"]))
    for title, verifier, (accept_at,) in rungs:
        table(title, search(arguments, seed, "--task", "game24", "--verifier", verifier, "--accept-at", accept_at), seed)
    return {}  # the puzzles of two seeds overlap: they are no strata


def chains(arguments, seed):
    policy, weak, strong = (arguments.folder / f"{letter}{seed}.gpt" for letter in "pwv")
    for path, command in ((policy, ["--seed", seed, "--until", ".86"]),
                          (weak, ["--seed", 100 + seed, "--until", ".975", "--from", policy]),
                          (strong, ["--seed", 200 + seed, "--until", ".995", "--from", policy])):
        if not path.exists():
            said = run(arguments, "train", "base", "--task", "chains", "--steps", 3000, "--batch", 256, "-j", 1, "-o", path, *command)
            print(f"{path.name}: {said['steps']} steps, {said['seconds']:.0f} s, step accuracy {said['eval']['step_accuracy']:.3f}", flush=True)
    made = {}
    for title, judge, wrapper in (("clean", strong, ""), ("noise of 2 on log odds bounded by 2", strong, "+bounded=2+noise=2"),
                                  ("surer of 15% of the errors than of right answers", strong, "+bounded=2+systematic=0.15"),
                                  ("blind to 15% of the errors, but surer of right answers", strong, "+systematic=0.15"),
                                  ("errors shared with the policy", weak, "")):
        made[f"Chains, {title}"] = f"gpt:{policy}", f"gpt:{judge}+calibrated{wrapper}"
        table(f"Chains, {title}", search(arguments, seed, "--task", "chains", "--policy", f"gpt:{policy}", "--temperature", ".8",
                                         "--verifier", made[f"Chains, {title}"][1]), seed)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("task", choices=["game24", "chains"])
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--n", default="1,4,8,16,32,64")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    made = [(game24 if arguments.task == "game24" else chains)(arguments, seed) for seed in map(int, arguments.seeds.split(","))]
    for title in made[0] if len(made) > 1 else ():
        pooled(arguments, title, [one[title] for one in made])


if __name__ == "__main__":
    main()
