#!/usr/bin/env python3
"""kill -9 at random moments, then the same command again. (`make kills`, or kills.py ASSAY COUNT)

A run is started and one of its processes killed: the supervisor itself, a jail's launcher, its warm interpreter, or a
program under judgement. After each kill nothing of the run may live on. Where the supervisor lived, it must finish by
itself (exit code 0, or 3 and what lacks is judged by the same command); else the same command must go on from what was
stored. When a database is complete, it must
hold each verdict once and the same as an undisturbed run. Exits 1 at the first breach.
"""
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "cli"))
os.environ["ASSAY"] = sys.argv[1]
from support import PROBLEMS, descendants, wait_until_gone  # noqa: E402

PROGRAMS = 300
DATASET, SAMPLES = "own.jsonl", "samples.jsonl"
VICTIMS = ("supervisor", "launcher", "interpreter", "program")


def write_inputs(folder):
    """Distinct programs: right, wrong, raising, some that use a little CPU."""
    bodies = ("return max(numbers)", "return min(numbers)", "raise ValueError(len(numbers))",
              "return sorted(numbers * 20000)[-1]")
    rows = [{"task_id": "Own/0", "model": "m", "solution": f"def largest(numbers):\n    y = {i}\n    {bodies[i % 4]}\n"}
            for i in range(PROGRAMS)]
    for name, content in ((DATASET, PROBLEMS), (SAMPLES, rows)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")


def command(database):
    return [os.environ["ASSAY"], "run", "--dataset", DATASET, "--samples", SAMPLES, "--db", database, "--json", "--quiet", "--full"]


def verdicts(path):
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), "the database is damaged"
        rows = connection.execute(
            "SELECT g.hash, u.name, v.status FROM verdict v JOIN suite u ON u.id = suite_id "
            "JOIN program g ON g.id = program_id ORDER BY 1, 2").fetchall()
    except sqlite3.OperationalError:
        return []  # killed before there was a table
    finally:
        connection.close()
    assert len({row[:2] for row in rows}) == len(rows), "a verdict stands twice"
    return [row for row in rows if row[2] != "missing"]


def children(pid):
    try:
        return [int(word) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                for word in (task / "children").read_text().split()]
    except OSError:
        return []


def victim_of(kind, supervisor):
    """A process of that kind, or None where there is none just now."""
    if kind == "supervisor":
        return supervisor
    found = [pid for pid in children(supervisor) if name_of(pid) == "assay-jail"]
    for _ in range(VICTIMS.index(kind) - 1):
        found = [child for pid in found for child in children(pid)]
    return random.choice(found) if found else None


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def kill_one(process, kind):
    """Kills one process of that kind at a random moment of the run. False where the run ended before."""
    time.sleep(random.random() * 0.4)
    while process.poll() is None:
        pid = victim_of(kind, process.pid)
        if pid is not None:
            below = descendants(process.pid)
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
            if kind == "supervisor":
                process.wait()
                left = wait_until_gone(below)
                assert not left, f"processes outlived the supervisor: {left}"
            return True
    return False


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    kills = dict.fromkeys(VICTIMS, 0)
    databases = resumes = 0
    with tempfile.TemporaryDirectory(prefix="assay-kills-") as name:
        folder = pathlib.Path(name)
        write_inputs(folder)
        undisturbed = folder / "undisturbed.db"
        subprocess.run(command(undisturbed), cwd=folder, check=True, stdout=subprocess.DEVNULL)
        wanted = verdicts(undisturbed)
        assert len(wanted) == 2 * PROGRAMS, len(wanted)
        database, before = folder / "0.db", []
        while sum(kills.values()) < count:
            process = subprocess.Popen(command(database), cwd=folder, stdout=subprocess.DEVNULL)
            kind = VICTIMS[sum(kills.values()) % len(VICTIMS)]
            killed = kill_one(process, kind)
            below = descendants(process.pid)
            process.wait()
            kills[kind] += killed
            assert not wait_until_gone(below), "processes outlived the run"
            now = verdicts(database)
            assert set(before) <= set(now), "a verdict was lost or changed"
            before = now
            # Killed in its second pass, a jail leaves programs without a verdict, which the same command tries again.
            again = killed and (kind == "supervisor" or process.returncode == 3)
            resumes += again
            if again:
                continue
            assert process.returncode == 0, f"after the death of a {kind} the run exited with {process.returncode}"
            assert now == wanted, "the verdicts differ from those of an undisturbed run"
            database.unlink()
            databases += 1
            database, before = folder / f"{databases}.db", []
    print(f"{sum(kills.values())} kills ({', '.join(f'{n} {kind}' for kind, n in kills.items())}), {resumes} resumes, "
          f"{databases} databases completed: nothing lost, doubled or changed, no process left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
