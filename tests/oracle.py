#!/usr/bin/env python3
"""Our verdicts against EvalPlus's own, verdict by verdict (`make oracle`).

For each EvalPlus result file in ../shared/data/oracle: judges its solutions with `--comparison evalplus` and compares
base and plus statuses. Prints every disagreement with what we saw, and the share that agrees. Exits 1 below 99.5%.
Also judges every reference solution by base and plus: all must pass.
"""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
TARGET = 0.995


def assay(program, *arguments):
    done = subprocess.run([program, *arguments], env={**os.environ, "ASSAY_DATA": str(DATA)},
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"oracle: {' '.join(map(str, arguments))} failed with {done.returncode}")
    return json.loads(done.stdout) if done.stdout else None


def read_json(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def write_samples(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")


def judge(program, folder, dataset, model, rows):
    """model's rows judged; {(task_id, sample_id): {suite: verdict}}"""
    samples = folder / f"{dataset}-{model}.jsonl"
    write_samples(samples, rows)
    database = folder / f"{dataset}.db"
    assay(program, "run", "--dataset", dataset, "--samples", samples, "--model", model, "--comparison",
          "evalplus", "--full", "--db", database, "--json", "--quiet")
    shown = assay(program, "show", "--dataset", dataset, "--model", model, "--db", database, "--json")
    return {(entry["task_id"], sample_id): {verdict["suite"]: verdict for verdict in entry["verdicts"]}
            for entry in shown["programs"] for sample_id in entry["sample_ids"]}


def short(text, length=70):
    text = " ".join(str(text).split())
    return text if len(text) <= length else text[:length] + "..."


def compare_file(program, folder, path):
    dataset, model = path.name.split(".eval_results")[0].split("-", 1)
    results = read_json(path)["eval"]
    rows = [{"task_id": task, "sample_id": str(i), "solution": sample["solution"]}
            for task, samples in results.items() for i, sample in enumerate(samples)]
    verdicts = judge(program, folder, dataset, model, rows)
    agree = total = 0
    for task, samples in results.items():
        for i, sample in enumerate(samples):
            ours = verdicts[task, str(i)]
            for suite in ("base", "plus"):
                theirs = sample[f"{suite}_status"]
                verdict = ours.get(suite)
                total += 1
                if verdict and (verdict["status"] == "pass") == (theirs == "pass"):
                    agree += 1
                    continue
                seen = verdict["witness"] or {} if verdict else {}
                print(f"  {task} {suite}: EvalPlus {theirs}, assay {verdict and verdict['status']}"
                      f"{' (marginal)' if verdict and verdict['marginal'] else ''}:"
                      f" {short(verdict and verdict['message'] or '')}"
                      f" input {short(seen.get('input', ''))} expected {short(seen.get('expected', ''))}"
                      f" actual {short(seen.get('actual', ''))}")
    print(f"{path.name}: {agree} of {total} verdicts agree ({agree / total:.2%})", flush=True)
    return agree, total


def check_references(program, folder, dataset, file, problems):
    with gzip.open(DATA / "benchmarks" / file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    verdicts = judge(program, folder, dataset, "reference", [
        {"task_id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"]} for row in rows])
    bad = [(key[0], suite, verdict["status"]) for key, suites in verdicts.items()
           for suite, verdict in suites.items() if verdict["status"] != "pass"]
    print(f"{dataset}: {len(verdicts)} reference solutions, not passing: {bad or 'none'}", flush=True)
    return not bad and len(verdicts) == problems


def main():
    if not (DATA / "oracle").is_dir():
        print("skipped: no ../shared/data")
        return 0
    program = pathlib.Path(sys.argv[1]).resolve()
    agree = total = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        good = check_references(program, folder, "humaneval", "HumanEvalPlus-v0.1.10.jsonl.gz", 164)
        good &= check_references(program, folder, "mbpp", "MbppPlus-v0.2.0.jsonl.gz", 378)
        for path in sorted((DATA / "oracle").glob("*.eval_results.json.gz")):
            one = compare_file(program, folder, path)
            agree, total = agree + one[0], total + one[1]
    print(f"all: {agree} of {total} verdicts agree ({agree / total:.2%})")
    return 0 if good and agree / total >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
