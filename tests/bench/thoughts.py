#!/usr/bin/env python3
"""Learning when to think, measured: thoughts.py ASSAY FOLDER [--seeds 1,2,3] [--problems 500] [--steps 1600] [--methods "star;metareason"]

For each seed a base for `thoughts` (made in FOLDER where it is not there), and from it STaR, the shortest right answer and
Rational Metareasoning (arXiv 2410.05563) at several costs, all of the same number of samples, under a filter that never
errs and under filters that accept so many of the wrong answers. Prints tables in Markdown: accuracy, right chains and tokens
of the thoughts over all seeds, with 95% intervals by bootstrap over the problems within each seed; differences to STaR
and to verbose thoughts are paired. `assay report --db FOLDER/learned.db` shows the same trainings.
"""
import argparse
import json
import pathlib
import random
import subprocess

METHODS = {"star": ["star"], "shortest": ["shortest", "--direct"], "metareason": ["metareason"],
           "metareason, direct too": ["metareason", "--direct"], "metareason, keep advantage": ["metareason", "--keep", "advantage"],
           **{f"metareason, gamma {gamma}": ["metareason", "--gamma", gamma] for gamma in ("0", "0.3", "1")},
           "metareason, linear cost": ["metareason", "--cost", "linear", "--gamma", "0.03"], "metareason, 3 samples": ["metareason", "--samples", "3"],
           "metareason, hint": ["metareason", "--hint"]}
FILTERS = ("exact", "fpr=0.05", "fpr=0.15", "fpr=0.3")


def run(arguments, *words):
    done = subprocess.run([arguments.assay, "train", *map(str, words), "--db", arguments.folder / "learned.db", "--json", "--quiet"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def answers(arguments, seed, name, words, filtered="exact"):
    """who, task -> task_id -> its line."""
    base = arguments.folder / f"base{seed}.gpt"
    if not base.exists():
        said = run(arguments, "base", "--task", "thoughts", "--seed", seed, "--steps", arguments.steps, "--batch", 256, "-j", 1, "-o", base)
        print(f"{base.name}: {said['seconds']:.0f} s", flush=True)
    path = arguments.folder / f"{name}, {filtered}, {seed}.jsonl".replace(" ", "_")
    if not path.exists():
        said = run(arguments, *words, "--task", "thoughts", "--from", base, "--seed", seed, "--problems", arguments.problems, "--filter", filtered,
                   "--rounds", arguments.rounds, "-j", 1, "-o", path.with_suffix(".gpt"), "--answers", path)
        print(f"{path.name}: {said['seconds']:.0f} s", flush=True)
    out = {}
    for line in path.read_text().splitlines():
        row = json.loads(line)
        out.setdefault((row["who"], row["task"]), {})[row["task_id"]] = row
    return out


def interval(values):
    values = sorted(values)
    return values[int(.025 * len(values))], values[int(.975 * len(values)) - 1]


def shown(value, resampled):
    return "{:.3f} [{:.3f}, {:.3f}]".format(value, *interval(resampled))


class Pool:
    """Answers of one model kind over seeds, and resamples of the problems within each that all kinds share."""

    def __init__(self, by_seed, draws):
        self.rows = [[stratum[task_id] for task_id in sorted(stratum)] for stratum in by_seed]
        self.draws = draws

    def mean(self, key, of=lambda row: True):
        rows = [row for stratum in self.rows for row in stratum if of(row)]
        return sum(row[key] for row in rows) / len(rows) if rows else None

    def resampled(self, key):
        values = [[row[key] for row in stratum] for stratum in self.rows]
        count = sum(map(len, values))
        return [sum(sum(map(stratum.__getitem__, draw)) for stratum, draw in zip(values, draw_of_all)) / count for draw_of_all in self.draws]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--steps", type=int, default=1600, help="of the bases")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--methods", default=";".join(METHODS), help="which of them, and star, shortest and metareason; parted by ;")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    stream = random.Random(1)
    draws = [[stream.choices(range(arguments.problems), k=arguments.problems) for _ in seeds] for _ in range(1000)]

    chosen = {"star", "shortest", "metareason", *arguments.methods.split(";")}
    made = {name: [answers(arguments, seed, name, words) for seed in seeds] for name, words in METHODS.items() if name in chosen}

    def pool(name, who="trained", task="thoughts"):
        return Pool([by_who[who, task] for by_who in made[name]], draws)

    kinds = {f"base, {style}": pool("star", f"base {style}") for style in ("direct", "terse", "verbose")}
    kinds["base, free"] = pool("star", "base")
    kinds.update({name: pool(name) for name in made})
    star, verbose = kinds["star"], kinds["base, verbose"]
    hardest = sorted({row["difficulty"] for row in star.rows[0]})
    print(f"\n`thoughts`, {len(seeds)} seeds of {arguments.problems} problems\n")
    print("| | accuracy | right chains | tokens | by moves " + ", ".join(map(str, hardest)) + " | accuracy less that of star | tokens by those of star | by those of verbose thoughts |")
    print("|---" * 8 + "|")
    resampled = {name: (kind.resampled("right"), kind.resampled("tokens")) for name, kind in kinds.items()}
    for name, kind in kinds.items():
        right, tokens = resampled[name]
        against = [shown(kind.mean("right") - star.mean("right"), [a - b for a, b in zip(right, resampled["star"][0])]),
                   shown(kind.mean("tokens") / star.mean("tokens"), [a / b for a, b in zip(tokens, resampled["star"][1])]),
                   shown(kind.mean("tokens") / verbose.mean("tokens"), [a / b for a, b in zip(tokens, resampled["base, verbose"][1])])]
        by_moves = ", ".join(f"{kind.mean('tokens', lambda row: row['difficulty'] == moves):.1f}" for moves in hardest)
        print(f"| {name} | {shown(kind.mean('right'), right)} | {kind.mean('right_chain'):.3f} | {shown(kind.mean('tokens'), tokens)} | {by_moves} | "
              + " | ".join(against) + " |", flush=True)
    print("\nThe family that was kept out, `thoughts:cups`\n\n| | accuracy | tokens |\n|---|---|---|")
    for name, who in (("star", "base"), ("star", "trained"), ("shortest", "trained"), ("metareason", "trained")):
        kind = pool(name, who, "thoughts:cups")
        print(f"| {'base, free' if who == 'base' else name} | {shown(kind.mean('right'), kind.resampled('right'))} | {shown(kind.mean('tokens'), kind.resampled('tokens'))} |")
    print("\nUnder a filter that errs\n\n| filter | method | accuracy | right chains | right by a wrong chain | tokens |\n|---|---|---|---|---|---|", flush=True)
    for filtered in FILTERS:
        for name in ("star", "shortest", "metareason"):
            by_seed = [answers(arguments, seed, name, METHODS[name], filtered)["trained", "thoughts"] for seed in seeds]
            kind = Pool(by_seed, draws)
            right, chains = kind.resampled("right"), kind.resampled("right_chain")
            print(f"| {filtered} | {name} | {shown(kind.mean('right'), right)} | {shown(kind.mean('right_chain'), chains)} | "
                  f"{shown(kind.mean('right') - kind.mean('right_chain'), [a - b for a, b in zip(right, chains)])} | {kind.mean('tokens'):.2f} |", flush=True)


if __name__ == "__main__":
    main()
