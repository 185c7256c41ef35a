#!/usr/bin/env python3
"""The whole job beside the structure that human-eval has, in one run: human_eval_structure.py ASSAY [rounds]

1,640 real samples (10 of each HumanEval problem, CodeGen-16B), judged by HumanEval's own tests: by `assay run --suite
official` into a fresh database, references and all; and by a pool of threads that starts a Manager and a Process for
every sample, with three seconds each, as human-eval does (its default of four workers). In turns, whole commands by the
wall clock. Prints the times, the ratio and the samples whose verdicts differ. Programs that never end cost either side
its time limit and nothing else, so every round is made twice: with all samples, and without those.
"""
import contextlib
import gzip
import io
import json
import multiprocessing
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
PER_PROBLEM, WORKERS, SECONDS = 10, 4, 3.0


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def chosen_samples():
    taken = {}
    for row in rows(DATA / "samples/humaneval-codegen-16b-mono-t0.8-n100.jsonl.gz"):
        of_problem = taken.setdefault(row["task_id"], [])
        if len(of_problem) < PER_PROBLEM:
            of_problem.append(row)
    return [row for of_problem in taken.values() for row in of_problem]


def expire(signum, frame):
    raise TimeoutError


def judged_in_a_process(program, result):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        signal.signal(signal.SIGALRM, expire)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                signal.setitimer(signal.ITIMER_REAL, SECONDS)
                exec(program, {})
            signal.setitimer(signal.ITIMER_REAL, 0)
            result.append("pass")
        except BaseException:
            signal.setitimer(signal.ITIMER_REAL, 0)
            result.append("fail")
        os.chdir("/")


def judge(program):
    manager = multiprocessing.Manager()
    result = manager.list()
    process = multiprocessing.Process(target=judged_in_a_process, args=(program, result))
    process.start()
    process.join(timeout=SECONDS + 1)
    if process.is_alive():
        process.kill()
    passed = list(result) == ["pass"]
    manager.shutdown()
    return passed


def by_processes(samples):
    problems = {row["task_id"]: row for row in rows(DATA / "benchmarks/HumanEval.jsonl.gz")}
    programs = [problems[s["task_id"]]["prompt"] + s["completion"] + "\n" + problems[s["task_id"]]["test"] +
                f"\ncheck({problems[s['task_id']]['entry_point']})" for s in samples]
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return list(pool.map(judge, programs))


def by_assay(program, samples, folder):
    file, database = folder / "samples.jsonl", folder / "assay.db"
    file.write_text("".join(json.dumps(row) + "\n" for row in samples), encoding="utf-8")
    subprocess.run([program, "run", "--dataset", "humaneval", "--suite", "official", "--samples", file, "--db", database,
                    "--quiet"], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "ASSAY_DATA": str(DATA)})
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [status for (status,) in connection.execute(
            "SELECT verdict.status FROM sample JOIN verdict USING (program_id) ORDER BY sample.id")]


def turn(what, program, samples):
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        ours = by_assay(program, samples, pathlib.Path(folder))
        ours_s = time.monotonic() - began
    began = time.monotonic()
    theirs = by_processes(samples)
    theirs_s = time.monotonic() - began
    differing = [s["task_id"] for s, a, b in zip(samples, ours, theirs, strict=True) if (a == "pass") != b]
    print(f"{what}: {len(samples)} samples; assay {ours_s:.1f} s, a process per sample {theirs_s:.1f} s: "
          f"{theirs_s / ours_s:.1f} times; {len(differing)} verdicts differ {differing}", flush=True)
    return ours


def main():
    samples = chosen_samples()
    for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else 2):
        ours = turn(f"round {number + 1}, all", sys.argv[1], samples)
        ending = [s for s, status in zip(samples, ours, strict=True) if status != "timeout"]
        turn(f"round {number + 1}, those that end", sys.argv[1], ending)


if __name__ == "__main__":
    main()
