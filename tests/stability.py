#!/usr/bin/env python3
"""Are verdicts the same on a busy machine? (`make stability`)

Judges the same 1,640 real samples (10 of each HumanEval problem, CodeGen-16B) three times into fresh databases: idle,
and twice with every core kept busy by other work. Lists each verdict that differs, with its marginal marks. Exits 1 if
one differs that is not marked marginal in any of the runs.
"""
import gzip
import json
import multiprocessing
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
SAMPLES = "samples/humaneval-codegen-16b-mono-t0.8-n100.jsonl.gz"
PER_PROBLEM = 10


def burn(until):
    while time.monotonic() < until.value:
        sum(i * i for i in range(10000))


def judge(program, folder, name, samples, busy):
    database = folder / f"{name}.db"
    until = multiprocessing.Value("d", time.monotonic() + 3600)
    burners = [multiprocessing.Process(target=burn, args=(until,), daemon=True) for _ in range(busy)]
    for burner in burners:
        burner.start()
    began = time.monotonic()
    try:
        done = subprocess.run([program, "run", "--dataset", "humaneval", "--samples", samples, "--db",
                               database, "--json", "--quiet"], check=False, stdout=subprocess.PIPE,
                              env={**os.environ, "ASSAY_DATA": str(DATA)}, text=True)
    finally:
        for burner in burners:
            burner.terminate()
    if done.returncode:
        sys.exit(f"stability: assay exited with {done.returncode}")
    print(f"{name}: {busy} busy processes, {time.monotonic() - began:.0f} s, "
          f"{json.loads(done.stdout)['run']['judged_again']} judged again alone", flush=True)
    with sqlite3.connect(database) as connection:
        return {(program, task, suite): (status, bool(marginal))
                for program, task, suite, status, marginal in connection.execute(
                    "SELECT g.hash, p.task_id, u.name, v.status, v.marginal FROM verdict v JOIN suite u ON u.id = "
                    "suite_id JOIN problem p ON p.id = u.problem_id JOIN program g ON g.id = v.program_id")}


def main():
    if not (DATA / SAMPLES).exists():
        print("skipped: no ../shared/data")
        return 0
    program = pathlib.Path(sys.argv[1]).resolve()
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        samples = folder / "samples.jsonl"
        seen = {}
        with gzip.open(DATA / SAMPLES, "rt", encoding="utf-8") as rows, open(samples, "w", encoding="utf-8") as out:
            for row in rows:
                task = json.loads(row)["task_id"]
                seen[task] = seen.get(task, 0) + 1
                if seen[task] <= PER_PROBLEM:
                    out.write(row)
        runs = [judge(program, folder, "idle", samples, 0),
                judge(program, folder, "busy", samples, cores),
                judge(program, folder, "very busy", samples, 4 * cores)]
    unmarked = differing = 0
    for key in sorted(runs[0], key=str):
        verdicts = [run.get(key) for run in runs]
        if len({verdict and verdict[0] for verdict in verdicts}) > 1:
            differing += 1
            marked = any(verdict and verdict[1] for verdict in verdicts)
            unmarked += not marked
            print(f"  {key[1]} {key[2]} {key[0][:12]}: {verdicts}{'' if marked else ' NOT MARKED'}")
    marked = sum(any(run[key][1] for run in runs) for key in runs[0])
    print(f"{len(runs[0])} verdicts, {marked} marked marginal, {differing} differ, {unmarked} of them not marked")
    return 1 if unmarked or any(run.keys() != runs[0].keys() for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
