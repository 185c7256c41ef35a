#!/usr/bin/env python3
"""One model in three languages: what few tests accept that all reject, what resampling reaches, and what judging costs.

languages.py ASSAY [FOLDER] [--per-problem 20] [--rival 160] [--only cpp javascript python]

Samples of code-davinci-002 at temperature .8 for HumanEval by MultiPL-E, with the verdicts that came with them. Writes into FOLDER (a
temporary one without it; what it holds is judged no second time) a benchmark in assay's own form: for each problem a suite `few`
of its first two assertions and a suite `all`, both as text around the program in one process, alike in all languages. Left out: a
problem whose assertions are not one a line. Prints for each language accuracy, acceptance and the share of wrong programs among the
accepted with intervals, the curve in K and the best K for some costs of a wrong answer; how the verdicts agree with those that
came with the samples; and, for some programs, the time of `assay run -j 2` (into a new database) beside that of a plain process
for each program, two at a time, in turns. The plain way is MultiPL-E's own: g++ -std=c++17, node, python3, 15 s of the clock.
"""
import argparse
import collections
import concurrent.futures
import gzip
import json
import os
import pathlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
FILES = {"cpp": ("cpp", 200, "cpp"), "javascript": ("js", 20, "js"), "python": ("python", 200, "py")}
MODEL = "code-davinci-002"


def read(name):
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def first_assertions(tests, count):
    """The tests with the first `count` assertions alone; None where assertions are not one a line."""
    lines = tests.split("\n")
    at = [i for i, line in enumerate(lines) if line.lstrip().startswith(("assert(", "assert.", "assert candidate"))]
    if not at or at != list(range(at[0], at[-1] + 1)):
        return None
    return "\n".join(lines[:at[0]] + lines[at[0]:at[-1] + 1][:count] + lines[at[-1] + 1:])


def prepared(language, per_problem, folder):
    """(benchmark, samples, how they were judged, programs by sample)"""
    name, n, _ = FILES[language]
    problems, prompts = [], {}
    for row in read(f"benchmarks/humaneval-{name}-multipl-e-problems.jsonl.gz"):
        few = first_assertions(row["tests"], 2)
        if few is None:
            continue
        prompts[row["task_id"]] = row
        problems.append({"task_id": row["task_id"], "language": language,
                         "suites": {"few": {"before": "", "after": few}, "all": {"before": "", "after": row["tests"]}}})
    taken, recorded, programs, samples = collections.Counter(), {}, {}, []
    for row in read(f"samples/humaneval-{name}-{MODEL}-t0.8-n{n}.jsonl.gz"):
        task = row["task_id"]
        if task not in prompts or taken[task] >= per_problem:
            continue
        taken[task] += 1
        key = task, str(row["sample_id"])
        recorded[key] = row["status"]
        programs[key] = prompts[task]["prompt"] + row["completion"]
        samples.append({"task_id": task, "sample_id": row["sample_id"], "solution": programs[key]})
    return (write(folder / f"{language}.jsonl", problems), write(folder / f"{language}-samples.jsonl", samples), recorded,
            {key: text + "\n" + prompts[key[0]]["tests"] for key, text in programs.items()})


def run(assay, benchmark, samples, database, *options):
    return json.loads(subprocess.run([assay, "run", "--dataset", benchmark, "--samples", samples, "--model", MODEL, "--suite", "few", "all",
                                      "--db", database, "--json", *options], check=True, stdout=subprocess.PIPE).stdout)


def statuses(database, suite):
    with sqlite3.connect(database) as connection:
        return {(task, str(sample)): status for task, sample, status in connection.execute(
            "SELECT task_id, sample_id, status FROM judged_sample WHERE suite = ?", (suite,))}


def agreement(database, recorded):
    """A program that `few` reject, `all` reject too."""
    told = {**statuses(database, "all"), **{key: status for key, status in statuses(database, "few").items() if status != "pass"}}
    table = collections.Counter((recorded[key], told[key]) for key in recorded if key in told)
    same = sum(count for (theirs, ours), count in table.items() if (theirs == "OK") == (ours == "pass"))
    print(f"  as recorded: {same} of {sum(table.values())}; others:",
          dict((f"{theirs} > {ours}", count) for (theirs, ours), count in table.items() if (theirs == "OK") != (ours == "pass")))


def rate(row, key):
    low, high = row["intervals"][key]
    return f"{key} {row[key]:.3f} [{low:.3f}, {high:.3f}]"


def curves(assay, database):
    chosen = ["--db", database, "--proxy", "few", "--gold", "few,all", "--json", "--quiet"]
    row, = json.loads(subprocess.run([assay, "rates", *chosen], check=True, stdout=subprocess.PIPE).stdout)["rows"]
    print("  " + "; ".join(rate(row, key) for key in ("accuracy", "acceptance", "fdr", "fpr", "ceiling_lower", "ceiling_upper")))
    row, = json.loads(subprocess.run([assay, "limits", *chosen], check=True, stdout=subprocess.PIPE).stdout)["rows"]
    for k in (1, 2, 5, 10, 20, 50, 100, 200):
        if k in row["k"]:
            i = row["k"].index(k)
            band = row["bands"]
            print(f"  K {k}: right {row['tp'][i]:.3f} [{band['tp']['lo'][i]:.3f}, {band['tp']['hi'][i]:.3f}], "
                  f"wrong {row['fp'][i]:.3f} [{band['fp']['lo'][i]:.3f}, {band['fp']['hi'][i]:.3f}]")
    for value in row["utility"]:
        if value["kappa"] == 0:
            print(f"  a wrong answer costs {value['lambda']:g}: best K {value['k_opt']} {value['k_opt_interval']}, worth {value['utility_opt']:.3f}"
                  + (" (the largest K)" if value["censored"] else ""))


def plain(language, text, folder, name):
    path = folder / f"{name}.{FILES[language][2]}"
    path.write_text(text, encoding="utf-8")
    command = {"cpp": [str(path) + ".out"], "javascript": ["node", path], "python": ["python3", path]}[language]
    try:
        if language == "cpp" and subprocess.run(["g++", path, "-o", command[0], "-std=c++17"], stderr=subprocess.DEVNULL).returncode:
            return False
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=15).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def timed(work):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    result = work()
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    return result, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rival(assay, language, samples, programs, benchmark, count):
    keys = list(programs)[::max(1, len(programs) // count)][:count]
    rows = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if (row["task_id"], str(row["sample_id"])) in set(keys)]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        few = write(scratch / "samples.jsonl", rows)
        total = collections.Counter()
        for turn in range(2):
            database = scratch / f"{turn}.db"
            _, wall, cpu = timed(lambda: subprocess.run([assay, "run", "-j", "2", "--dataset", benchmark, "--samples", few, "--model", MODEL, "--suite",
                                                         "all", "--quiet", "--json", "--db", database], check=True, stdout=subprocess.DEVNULL))
            ours = statuses(database, "all")
            with sqlite3.connect(database) as connection:
                own, = connection.execute("SELECT sum(cpu_ms) / 1000 FROM verdict").fetchone()
            total.update(wall=wall, cpu=cpu, own=own)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                theirs, wall, cpu = timed(lambda: list(pool.map(lambda i: plain(language, programs[keys[i]], scratch, str(i)), range(len(keys)))))
            total.update(rival_wall=wall, rival_cpu=cpu)
    same = sum((ours[key] == "pass") == passed for key, passed in zip(keys, theirs))
    n = 2 * len(keys)
    print(f"  {len(keys)} programs twice, in turns: assay {n / total['wall']:.1f} a second, {total['cpu'] / n * 1000:.0f} ms of CPU each "
          f"({total['own'] / n * 1000:.1f} ms the program's own); a plain process each {n / total['rival_wall']:.1f} a second, "
          f"{total['rival_cpu'] / n * 1000:.0f} ms; {total['rival_wall'] / total['wall']:.2f} times as fast; {same} verdicts the same", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--per-problem", type=int, default=20)
    parser.add_argument("--rival", type=int, default=160)
    parser.add_argument("--only", nargs="+", choices=list(FILES), default=list(FILES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for language in options.only:
            benchmark, samples, recorded, programs = prepared(language, options.per_problem, folder)
            database = folder / f"{language}.db"
            start = time.monotonic()
            run(options.assay, benchmark, samples, database)
            print(f"{language}: {len(recorded)} samples judged in {time.monotonic() - start:.0f} s", flush=True)
            agreement(database, recorded)
            curves(options.assay, database)
            rival(options.assay, language, samples, programs, benchmark, options.rival)


if __name__ == "__main__":
    sys.exit(main())
