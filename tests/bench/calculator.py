#!/usr/bin/env python3
"""What a trained sampler is worth as the particle filter's proposal on arithmetic: calculator.py ASSAY FOLDER --questions FILE [--kinds arithmetic:mixed] [--seeds 1,2,3]

FOLDER holds what `posterior.py --parts arithmetic` made there: the policy is the gentle sft, which was the reward's language model, the sampler the
gflownet that began with it. The verifier knows the answer and no chain, so that the filter's target is p(z|x) p(y|xz). By operands and
particles, with the policy alone and with the proposal: how often the answer is right, how often its chain is too, and how many times the particles
the policy alone takes to be right as often (log2 n interpolated between those tried). 95% intervals by bootstrap over the problems within
each seed, the two ways paired.
"""
import argparse
import json
import math
import pathlib
import random
import sqlite3
import subprocess

STRATEGY = "particle[weights=probability,choose=draw,ess=0]"


def answers(arguments, kind, seed, proposed):
    """By operands and problem, for each n (right answer, right chain)."""
    database = arguments.folder / "calculator.db"
    policy, sampler = (f"gpt:{arguments.folder / f'{kind}_{name}_{seed}.gpt'}" for name in ("gentle", "gflownet"))
    words = ["search", "--task", f"{kind},{arguments.questions}", "--policy", policy, *(["--proposal", sampler, "--proposal-temperature", arguments.temperature] if proposed else []),
             "--verifier", "answer", "--gold", "chain", "--strategy", STRATEGY, "--n", ",".join(map(str, arguments.n)), "--repeat", 1, "--samples", 2,
             "-j", arguments.jobs, "--db", database, "--json", "--quiet"]
    subprocess.run([arguments.assay, *map(str, words)], check=True, capture_output=True)
    with sqlite3.connect(database) as connection:
        found = connection.execute(
            "SELECT task_id, n, accepted, truth FROM search_answer JOIN search ON id = search_id WHERE policy = ? AND strategy = ? "
            "AND json_extract(options, '$.proposal') IS ? AND json_extract(options, '$.proposal_temperature') IS ?",
            (policy, STRATEGY, sampler if proposed else None, arguments.temperature if proposed else None)).fetchall()
    out = {}
    for task_id, n, accepted, right in found:
        if n in arguments.n:
            operands = (len(task_id.split("/")[1].split()) + 1) // 2
            out.setdefault(operands, {}).setdefault((seed, task_id), {})[n] = (accepted or 0, right)
    return out


def mean(problems, n, which):
    return sum(one[n][which] for one in problems) / len(problems)


def needed(plain, accuracy):
    """So many particles of the policy's are right as often, by `plain`, n -> accuracy; true where none of those tried are."""
    best, reached = 0, []
    for n in sorted(plain):
        best = max(best, plain[n])
        reached.append((n, best))
    if reached[0][1] >= accuracy:
        return reached[0][0], False
    for (n, low), (more, high) in zip(reached, reached[1:]):
        if high >= accuracy:
            return 2 ** (math.log2(n) + (accuracy - low) / (high - low) * math.log2(more / n)), False
    return reached[-1][0], True


def interval(values):
    values = sorted(values)
    return values[int(.025 * len(values))], values[int(.975 * len(values)) - 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--kinds", default="arithmetic,arithmetic:mixed")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--n", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--temperature", type=float, default=1, help="at which the proposal is drawn from")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    dice = random.Random(1)
    for kind in arguments.kinds.split(","):
        plain, proposed = {}, {}
        for seed in map(int, arguments.seeds.split(",")):
            for way, into in ((False, plain), (True, proposed)):
                for operands, problems in answers(arguments, kind, seed, way).items():
                    into.setdefault(operands, {}).update(problems)
        print(f"\n`{kind}`\n\n| operands | n | right, policy alone | with the proposal | right chains, policy alone | with the proposal | times the particles without it |")
        print("|---" * 7 + "|")
        for operands in sorted(plain):
            names = sorted(plain[operands])
            by_seed = [[name for name in names if name[0] == seed] for seed in sorted({name[0] for name in names})]
            draws = [[name for stratum in by_seed for name in dice.choices(stratum, k=len(stratum))] for _ in range(500)]

            def times(chosen, n):
                curve = {k: mean([plain[operands][name] for name in chosen], k, 0) for k in arguments.n}
                at, more = needed(curve, mean([proposed[operands][name] for name in chosen], n, 0))
                return at / n, more

            for n in arguments.n:
                cells = []
                for which in (0, 1):
                    for way in (plain, proposed):
                        low, high = interval([mean([way[operands][name] for name in draw], n, which) for draw in draws])
                        cells.append(f"{mean([way[operands][name] for name in names], n, which):.3f} [{low:.3f}, {high:.3f}]")
                (ratio, more), others = times(names, n), [times(draw, n) for draw in draws]
                low, high = interval([other for other, _ in others])
                cells.append(f"{'more than ' if more else ''}{ratio:.1f} [{low:.1f}, {'..' if any(above for _, above in others) else f'{high:.1f}'}]")
                print(f"| {operands} | {n} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
