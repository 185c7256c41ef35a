#!/usr/bin/env python3
"""Programs that LiveCodeBench calls wrong, run once more on the very input that they failed: livecodebench_rerun.py ASSAY [FOLDER]

Of o1-mini's published programs those whose failing input is whole (151 of the 184 that failed; of one that passed no
input is told). Writes into FOLDER (a temporary one without it) a dataset in assay's own form, a suite of one test each,
and the samples, and judges them by `assay run` in four ways: outputs compared by tokens, within one second of CPU time
(assay's own limit) and within six (LiveCodeBench's, of the clock); by tokens with a tolerance of 1e-6; and byte for byte. Prints
what became of each of LiveCodeBench's error codes, with and without a thread in the program, and every program that is right by
tokens within six seconds, with what LiveCodeBench's own run had written. Last, a plain run of each as a process with six seconds of
the clock, compared by tokens. Four programs want numpy, which /usr/bin/python3 must have.
"""
import collections
import gzip
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
CODES = {-2: "wrong answer", -3: "time", -4: "error"}
WAYS = [("tokens, 1 s", {}, 1), ("tokens, 6 s", {}, 6), ("tolerance 1e-6, 6 s", {"tolerance": 1e-6}, 6),
        ("exact, 6 s", {"compare": "exact"}, 6)]


def failed_rows():
    with gzip.open(DATA / "samples/livecodebench-o1-mini-stdin-n1.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert not any(row["passed"] and "input" in row for row in rows)
    return [row for row in rows if "input" in row and "expected" in row]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def statuses(assay, folder, rows, name, compared, seconds):
    """{question: (status, message)}"""
    stem = name.split(",")[0].replace(" ", "-") + f"-{seconds}"
    problems = write_lines(folder / f"{stem}.jsonl", [
        {"task_id": row["question_id"], "suites": {"failed": [{"input": row["input"], "output": row["expected"]}]}, **compared}
        for row in rows])
    samples = write_lines(folder / "samples.jsonl", [
        {"task_id": row["question_id"], "model": row["model"], "solution": row["solution"]} for row in rows])
    database = folder / f"{stem}.db"
    database.unlink(missing_ok=True)
    subprocess.run([assay, "run", "--dataset", problems, "--samples", samples, "--suite", "failed", "--db", str(database),
                    "--limits", f"test_cpu_s={seconds}", "--packages", "numpy", "--quiet", "--json"], check=True, stdout=subprocess.DEVNULL)
    with sqlite3.connect(database) as connection:
        return {task: (status, message) for task, status, message in connection.execute(
            "SELECT p.task_id, v.status, v.message FROM verdict v JOIN sample s USING (program_id) JOIN problem p ON p.id = s.problem_id")}


def plain_run_is_right(row):
    try:
        run = subprocess.run(["/usr/bin/python3", "-c", row["solution"]], input=row["input"], capture_output=True, text=True,
                             timeout=6)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0 and run.stdout.split() == row["expected"].split()


def main():
    assay = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else made)
        folder.mkdir(exist_ok=True)
        rows = failed_rows()
        found = {name: statuses(assay, folder, rows, name, compared, seconds) for name, compared, seconds in WAYS}
    print(f"{len(rows)} programs")
    print(f"{'LiveCodeBench says':<34}{'n':>5}" + "".join(f"{name:>22}" for name in found))
    kinds = collections.defaultdict(list)
    for row in rows:
        kinds[CODES[row["error_code"]] + (", with a thread" if row["starts_thread"] else "")].append(row)
    kinds["all"] = rows
    for kind, those in kinds.items():
        right = [sum(by_task[row["question_id"]][0] == "pass" for row in those) for by_task in found.values()]
        print(f"{kind:<34}{len(those):>5}" + "".join(f"{count:>22}" for count in right))
    judged = found["tokens, 6 s"]
    differ = [row["question_id"] for row in rows if plain_run_is_right(row) != (judged[row["question_id"]][0] == "pass")]
    print(f"a plain run differs from tokens, 6 s, on {len(differ)}: {differ}")
    silent = [row for row in rows if judged[row["question_id"]][1].startswith("it ends before line 1")]
    print(f"{len(silent)} come to their end and write nothing, {sum(row['empty_output'] for row in silent)} of them in LiveCodeBench's run too")
    for name, by_task in found.items():
        print(name, dict(collections.Counter(status for status, _ in by_task.values())))
    print()
    for row in rows:
        task = row["question_id"]
        if found["tokens, 6 s"][task][0] == "pass":
            wrote = row["lcb_output"]
            print(f"right after all: {task}, {row['platform']}, {CODES[row['error_code']]}, thread {row['starts_thread']}, "
                  f"{found['tokens, 1 s'][task][0]} within 1 s, {found['exact, 6 s'][task][0]} byte for byte; LiveCodeBench's run wrote "
                  f"{(wrote or '')[:60]!r}, expected {row['expected'][:60]!r}")
        elif found["tolerance 1e-6, 6 s"][task][0] == "pass":
            print(f"right with a tolerance: {task}: {found['tokens, 6 s'][task][1]}")


if __name__ == "__main__":
    main()
