#!/usr/bin/env python3
"""Learning from rewards, measured: posterior.py ASSAY FOLDER [--parts symbols,numbers,arithmetic] [--seeds 1,2,3] [--questions FILE]

symbols, numbers: how far gflownet, reinforce and ppo come from the posterior that is counted out.
arithmetic: a first model of each kind (scattered slips; a wrong mode). `sft` is tuned: of steps and rates the held-out questions choose.
What learns from rewards (gflownet, reinforce and ppo with both rewards, star, all with as many chains) begins with a gentle sft, which
keeps what the first model can do on more operands than it is shown. Accuracy by operands with 95% intervals by bootstrap over
the problems within each seed, differences to the tuned sft paired; right chains, answers that are right behind a wrong chain, invalid calls,
and the purity beside that of the posterior. What was made in FOLDER is not made again.
"""
import argparse
import json
import pathlib
import random
import subprocess

TARGETS = {"gflownet": ["gflownet"], "gflownet, subtb": ["gflownet", "--loss", "subtb"], "reinforce": ["reinforce"], "ppo": ["ppo"]}
# Of each kind of first model: its batches, those of the gentle sft at a rate of .0003, and the rate of what begins with that.
KINDS = {"arithmetic": (180, 20, 0.0002), "arithmetic:mixed": (400, 10, 0.0003)}
SFT = [(30, 0.0003), (60, 0.0003), (100, 0.0003), (60, 0.001), (100, 0.001)]  # batches and rates
COOLED = ["--reward-temperature-first", "1.1", "--reward-temperature", "0.5", "--reward-temperature-steps", "150"]
CHAINS = {"gflownet": ["gflownet", "--loss", "vargrad", "--huber", "3", "--on-policy", "1", "--replay", "0", *COOLED],
          "reinforce, joint": ["reinforce", "--kl", "0.05"],
          "reinforce, answer": ["reinforce", "--kl", "0.3", "--reward", "answer"],
          "ppo, joint": ["ppo", "--kl", "0.05"],
          "ppo, answer": ["ppo", "--kl", "0.3", "--reward", "answer"],
          "star": ["star"]}
FILTERED = ("gflownet", "star")
FILTERS = ("fpr=0.05", "fpr=0.15", "fpr=0.3")


def train(arguments, name, words):
    """The record of a training, and its answers to the test problems."""
    path = arguments.folder / name.replace(" ", "_").replace(",", "")
    record, answers = path.with_name(path.name + ".json"), path.with_name(path.name + ".jsonl")
    if not record.exists():
        answered = [] if words[0] == "base" else ["--answers", answers]
        said = subprocess.run([arguments.assay, "train", *map(str, words), "-j", "1", "--json", "--quiet", "--db", arguments.folder / "learned.db",
                               *answered, "-o", path.with_name(path.name + ".gpt")], check=True, stdout=subprocess.PIPE, text=True).stdout
        record.write_text(said)
        print(f"{name}: {json.loads(said)['seconds']:.0f} s, {json.loads(said)['memory_mib']:.0f} MiB", flush=True)
    rows = [json.loads(line) for line in answers.read_text().splitlines()] if answers.exists() else []
    return json.loads(record.read_text()), {row["task_id"]: row for row in rows}


def ranged(values):
    values = [value for value in values if value is not None]
    if not values:
        return "–"
    mean = sum(values) / len(values)
    return f"{mean:.3f}" if len(values) == 1 else f"{mean:.3f} ({min(values):.3f} to {max(values):.3f})"


def whole(records, key):
    values = [record[key] for record in records if record[key] is not None]
    return f"{min(values):.0f} to {max(values):.0f}" if values else "–"


def targets(arguments, task):
    print(f"\n`{task}`, {len(arguments.seeds)} seeds: mean (least to most)\n\n| | KL | TV | entropy | accepted | purity | modes found |\n|---" + "|---" * 6 + "|")
    for name, words in TARGETS.items():
        steps = ["--dim", 64, "--hidden", 128, "--steps", arguments.steps if words[0] == "gflownet" else arguments.steps // 4]
        records = [train(arguments, f"{task} {name} {seed}", [*words, "--task", task, "--seed", seed, *steps])[0] for seed in arguments.seeds]
        if name == "gflownet":
            target, before = records[0]["eval"], records[0]["before"]
            print(f"| the posterior | 0 | 0 | {target['target_entropy']:.3f} | {target['target_legal']:.3f} | {ranged([target['target_purity']])} | {target['modes']} |")
            print(f"| before training | {before['kl']:.3f} | {before['tv']:.3f} | {before['entropy']:.3f} | {before['legal']:.3f} | {ranged([before['purity']])} | {before['modes_found']} |")
        figures = [record["eval"] for record in records]
        print(f"| {name} | " + " | ".join(ranged([one[key] for one in figures]) for key in ("kl", "tv", "entropy", "legal", "purity", "modes_found")) + " |", flush=True)


def interval(values):
    values = sorted(values)
    return "[{:.3f}, {:.3f}]".format(values[int(.025 * len(values))], values[int(.975 * len(values)) - 1])


class Pool:
    """Answers over seeds, and resamples of the problems within each that all methods share."""

    def __init__(self, by_seed, draws):
        self.by_seed, self.draws = by_seed, draws

    def mean(self, of, operands=None):
        rows = [row for answers in self.by_seed for row in answers.values() if operands in (None, row["difficulty"])]
        return sum(map(of, rows)) / len(rows)

    def resampled(self, of, operands):
        strata = [[of(answers[key]) for key in sorted(answers) if answers[key]["difficulty"] == operands] for answers in self.by_seed]
        count = sum(map(len, strata))
        return [sum(sum(map(stratum.__getitem__, draw)) for stratum, draw in zip(strata, each[operands])) / count for each in self.draws] if count else []


def tuned_sft(arguments, kind, task, base, seed):
    """The sft that answers most of the held-out questions, and what it was."""
    def accuracy(choice):
        words = ["sft", *task, "--from", base, "--seed", seed, "--steps", choice[0], "--learning-rate", choice[1], "--batch", 50, "--eval-on", "calibration"]
        found = train(arguments, f"{kind} sft {choice[0]} {choice[1]} {seed}", words)[0]["eval"]["accuracy"].values()
        return sum(found) / len(found)
    return max(SFT, key=accuracy)


def sampled(arguments, kind, task):
    """What gflownet draws at temperature 1 beside the posterior that it learned, on the held-out questions."""
    print(f"\n`{kind}`, held-out questions at temperature 1: the share accepted, of right chains, and the second over the first\n\n| seed | | accepted | right | purity |\n|---|---|---|---|---|")
    for seed in arguments.seeds:
        gentle, sampler = (arguments.folder / f"{kind}_{name}_{seed}.gpt" for name in ("gentle", "gflownet"))
        still = ["--steps", 1, "--learning-rate", 1e-9, "--batch", 16, "--eval-on", "calibration"]  # moves nothing
        words = ["gflownet", *task, "--from", sampler, "--judge", gentle, *still, "--reward-temperature", "0.5", "--seed", seed]
        record = train(arguments, f"{kind} sampled {seed}", words)[0]
        for name, shares in (("the posterior", record["posterior"]), ("gflownet", record["eval"]["drawn"])):
            cells = ["{:.3f} [{:.3f}, {:.3f}]".format(shares[key], *shares[f"{key}_interval"]) for key in ("accepted", "right", "purity")]
            print(f"| {seed} | {name} | {' | '.join(cells)} |", flush=True)


def arithmetic(arguments):
    questions = f",{arguments.questions}" if arguments.questions else ""
    for kind, (base_steps, gentle_steps, rate) in KINDS.items():
        if kind not in arguments.kinds.split(","):
            continue
        task = ["--task", kind + questions]
        small = ["--dim", 48, "--hidden", 128]
        of = {}
        for seed in arguments.seeds:
            base, gentle = (arguments.folder / f"{kind}_{name}_{seed}.gpt" for name in ("base", "gentle"))
            sft = ["sft", *task, "--from", base, "--seed", seed, "--batch", 50]
            train(arguments, f"{kind} base {seed}", ["base", *task, *small, "--seed", seed, "--steps", base_steps, "--batch", 64, "--problems", 30])
            steps, sft_rate = tuned_sft(arguments, kind, task, base, seed)
            print(f"{kind}, seed {seed}: sft of {steps} batches at {sft_rate}", flush=True)
            of.setdefault("sft", []).append(train(arguments, f"{kind} sft {seed}", [*sft, "--steps", steps, "--learning-rate", sft_rate]))
            # A step that moves nothing measures the first model.
            of.setdefault("base", []).append(train(arguments, f"{kind} before {seed}", [*sft, "--steps", 1, "--learning-rate", 1e-9]))
            of.setdefault("sft, gentle", []).append(train(arguments, f"{kind} gentle {seed}", [*sft, "--steps", gentle_steps, "--learning-rate", 0.0003]))
            for name, words in CHAINS.items():
                if words[0] not in arguments.methods.split(","):
                    continue
                steps = arguments.chain_steps // 2 if words[0] == "ppo" else arguments.chain_steps
                common = [*task, "--from", gentle, "--seed", seed, "--steps", steps, "--batch", 128, "--draws", 8, "--learning-rate", rate]
                of.setdefault(name, []).append(train(arguments, f"{kind} {name} {seed}", [*words, *common]))
                for filtered in FILTERS if name in FILTERED and arguments.filters else ():
                    of.setdefault(f"{name}, {filtered}", []).append(train(arguments, f"{kind} {name} {filtered} {seed}", [*words, *common, "--filter", filtered]))
        sampled(arguments, kind, task)
        answers = [answers for _, answers in of["sft"]]
        stream = random.Random(1)
        numbers = [[row["difficulty"] for row in one.values()] for one in answers]
        draws = [[{operands: stream.choices(range(all_of.count(operands)), k=all_of.count(operands)) for operands in (3, 4, 5)} for all_of in numbers] for _ in range(1000)]
        draws = [{operands: [one[operands] for one in each] for operands in (3, 4, 5)} for each in draws]
        print(f"\n`{kind}`, {len(arguments.seeds)} seeds of {len(answers[0])} problems: accuracy (less that of sft), right chains\n")
        print("| | 3 operands | 4 | 5 | right by a wrong chain | invalid calls | purity | that of the posterior | seconds | tokens a second | MiB |\n|---" + "|---" * 10 + "|")
        sft = Pool(answers, draws)
        for name, trained in of.items():
            pool = Pool([answers for _, answers in trained], draws)
            cells = []
            for operands in (3, 4, 5):
                right = lambda row: float(row["right"])
                here, there = pool.resampled(right, operands), sft.resampled(right, operands)
                less = "" if name == "sft" else " ({:+.3f} {})".format(pool.mean(right, operands) - sft.mean(right, operands), interval([a - b for a, b in zip(here, there)]))
                chains = pool.mean(lambda row: row["right_chains"] / row["samples"], operands)
                cells.append(f"{pool.mean(right, operands):.3f}{less or ' ' + interval(here)}, {chains:.3f}")
            records = [record for record, _ in trained]
            cells += [ranged([record["eval"].get(key) for record in records]) for key in ("right_by_wrong_chain", "invalid_calls", "purity", "target_purity")]
            cells += [whole(records, key) for key in ("seconds", "tokens_per_second", "memory_mib")]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--parts", default="symbols,numbers,arithmetic")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--steps", type=int, default=2400, help="on symbols and numbers; a quarter of it for reinforce and ppo")
    parser.add_argument("--chain-steps", type=int, default=300, help="on arithmetic; half of it for ppo")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of first models, on arithmetic")
    parser.add_argument("--methods", default="gflownet,reinforce,ppo,star", help="on arithmetic")
    parser.add_argument("--questions", help="a file of questions for arithmetic")
    parser.add_argument("--filters", action="store_true", help="arithmetic also under filters that err")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    arguments.seeds = [int(seed) for seed in arguments.seeds.split(",")]
    for part in arguments.parts.split(","):
        arithmetic(arguments) if part == "arithmetic" else targets(arguments, part)


if __name__ == "__main__":
    main()
