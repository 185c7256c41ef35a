#!/usr/bin/env python3
"""Are verdicts the same on a busy machine? (`make stability`)

Judges the same 1,640 real samples (10 of each HumanEval problem, CodeGen-16B) into fresh databases: idle, with every
core kept busy by other work, with four times that, and under a storm of SIGSTOP and SIGCONT on its workers. Lists each
verdict that differs, with its marginal marks. Exits 1 if one differs that is not marked marginal in any of the runs.
`stability.py ASSAY open-models` takes the 15,416 samples of the 94 runs of open models instead; `--idle DB` reads the
idle verdicts from the database of an earlier run of this very program; `--runs busy:8,storm:0` names the runs and how
many busy processes each starts.
"""
import argparse
import gzip
import json
import multiprocessing
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "cli"))
options = argparse.ArgumentParser(usage=__doc__)
options.add_argument("program")
options.add_argument("samples", nargs="?", choices=["codegen", "open-models"], default="codegen")
options.add_argument("--idle")
options.add_argument("--runs")
options = options.parse_args()
os.environ["ASSAY"] = options.program
from support import descendants  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
CODEGEN = "samples/humaneval-codegen-16b-mono-t0.8-n100.jsonl.gz"
OPEN_MODELS = "samples/humaneval-open-models-94-runs-n1.jsonl.gz"
PER_PROBLEM = 10


def burn(until):
    while time.monotonic() < until.value:
        sum(i * i for i in range(10000))


def storm(pid, over):
    """Stops and continues random processes below `pid`, most for milliseconds, some for a second or more."""
    draw = random.Random(1)
    while not over.wait(draw.random() * 0.05):
        below = sorted(descendants(pid))
        for victim in draw.sample(below, k=min(1, len(below))):
            try:
                os.kill(victim, signal.SIGSTOP)
                over.wait(draw.choice((0.001, 0.01, 0.1, 0.1, 1.5)))
            except ProcessLookupError:
                continue
            finally:
                try:
                    os.kill(victim, signal.SIGCONT)
                except ProcessLookupError:
                    pass


def judge(program, folder, name, samples, busy, stormy=False):
    database = folder / f"{name}.db"
    until = multiprocessing.Value("d", time.monotonic() + 3600)
    burners = [multiprocessing.Process(target=burn, args=(until,), daemon=True) for _ in range(busy)]
    for burner in burners:
        burner.start()
    began = time.monotonic()
    try:
        done = subprocess.Popen([program, "run", "--dataset", "humaneval", "--samples", samples, "--db",
                                 database, "--json", "--quiet"], stdout=subprocess.PIPE,
                                env={**os.environ, "ASSAY_DATA": str(DATA)}, text=True)
        over = threading.Event()
        stopper = threading.Thread(target=storm, args=(done.pid, over))
        if stormy:
            stopper.start()
        answer, _ = done.communicate()
        over.set()
    finally:
        for burner in burners:
            burner.terminate()
    if done.returncode:
        sys.exit(f"stability: assay exited with {done.returncode}")
    print(f"{name}: {busy} busy processes, {time.monotonic() - began:.0f} s, "
          f"{json.loads(answer)['run']['judged_again']} judged again alone", flush=True)
    return stored(database)


def stored(database):
    with sqlite3.connect(database) as connection:
        return {(program, task, suite): (status, bool(marginal))
                for program, task, suite, status, marginal in connection.execute(
                    "SELECT g.hash, p.task_id, u.name, v.status, v.marginal FROM verdict v JOIN suite u ON u.id = "
                    "suite_id JOIN problem p ON p.id = u.problem_id JOIN program g ON g.id = v.program_id")}


def main():
    source = OPEN_MODELS if options.samples == "open-models" else CODEGEN
    if not (DATA / source).exists():
        print("skipped: no ../shared/data")
        return 0
    program = pathlib.Path(options.program).resolve()
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        samples = folder / "samples.jsonl"
        seen = {}
        with gzip.open(DATA / source, "rt", encoding="utf-8") as rows, open(samples, "w", encoding="utf-8") as out:
            for row in rows:
                task = json.loads(row)["task_id"]
                seen[task] = seen.get(task, 0) + 1
                if source == OPEN_MODELS or seen[task] <= PER_PROBLEM:
                    out.write(row)
        wanted = options.runs or ("" if options.idle else "idle:0,") + f"busy:{cores},busy:{4 * cores},storm:0"
        runs = []
        for i, run in enumerate(wanted.split(",")):
            kind, busy = run.split(":")
            runs.append(judge(program, folder, f"{kind}-{i}", samples, int(busy), stormy=kind == "storm"))
        if options.idle:
            idle = stored(options.idle)
            runs.insert(0, {key: idle[key] for key in runs[0] if key in idle})
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
