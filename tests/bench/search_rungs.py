#!/usr/bin/env python3
"""What each strategy reaches, verifier by verifier: search_rungs.py ASSAY FOLDER game24|chains [--seeds 1,2,3] [--problems 500]

game24: on the votes of a real verifier, calibrated; with the truth for the first step, which says what its weak first
level costs; and with the ceilings of the votes as they are. chains: a policy that takes .86 of the steps
rightly (`assay train base --until`) under the same model trained on, calibrated on other problems: to .975, where it still
shares errors with the policy (the natural rung); to .995 (clean); that with noise on bounded log odds (the noise rung), and
blind to 15% of the errors: of which it is surer than of right answers (the systematic rung), and less sure. Models are made in FOLDER where they are not there yet: p1.gpt, w1.gpt,
v1.gpt and so on. Each seed has problems, models and draws of its own. Prints tables in Markdown, with 95% intervals over
problems, and how many times the generations of the particle filter at 8 others need.
"""
import argparse
import json
import pathlib
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


def game24(arguments, seed):
    table("Game of 24, votes calibrated", search(arguments, seed, "--task", "game24", "--verifier", "votes+calibrated", "--accept-at", ".2"), seed)
    table("Game of 24, votes with a true first step, calibrated",
          search(arguments, seed, "--task", "game24", "--verifier", "votes-first-true+calibrated", "--accept-at", ".2"), seed)
    table("Game of 24, votes as they are", search(arguments, seed, "--task", "game24", "--verifier", "votes"), seed)


def chains(arguments, seed):
    policy, weak, strong = (arguments.folder / f"{letter}{seed}.gpt" for letter in "pwv")
    for path, command in ((policy, ["--seed", seed, "--until", ".86"]),
                          (weak, ["--seed", 100 + seed, "--until", ".975", "--from", policy]),
                          (strong, ["--seed", 200 + seed, "--until", ".995", "--from", policy])):
        if not path.exists():
            said = run(arguments, "train", "base", "--task", "chains", "--steps", 3000, "--batch", 256, "-j", 1, "-o", path, *command)
            print(f"{path.name}: {said['steps']} steps, {said['seconds']:.0f} s, step accuracy {said['eval']['step_accuracy']:.3f}", flush=True)
    for title, judge, wrapper in (("clean", strong, ""), ("noise of 2 on log odds bounded by 2", strong, "+bounded=2+noise=2"),
                                  ("surer of 15% of the errors than of right answers", strong, "+bounded=2+systematic=0.15"),
                                  ("blind to 15% of the errors, but surer of right answers", strong, "+systematic=0.15"),
                                  ("errors shared with the policy", weak, "")):
        table(f"Chains, {title}", search(arguments, seed, "--task", "chains", "--policy", f"gpt:{policy}", "--temperature", ".8",
                                         "--verifier", f"gpt:{judge}+calibrated{wrapper}"), seed)


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
    for seed in map(int, arguments.seeds.split(",")):
        (game24 if arguments.task == "game24" else chains)(arguments, seed)


if __name__ == "__main__":
    main()
