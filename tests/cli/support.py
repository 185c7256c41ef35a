"""What the command-line tests share: the program, a scratch folder, a small benchmark of our own."""
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

ASSAY = os.environ["ASSAY"]
DATA = pathlib.Path(os.environ.get(
    "ASSAY_DATA", pathlib.Path(__file__).resolve().parents[2] / ".." / "shared" / "data")).resolve()

PROBLEMS = [
    {"task_id": "Own/0", "prompt": "def largest(numbers):\n", "entry_point": "largest",
     "reference": "def largest(numbers):\n    return max(numbers)\n",
     "base": [[[1, 2, 3]], [[5, 4]]], "plus": [[[-1, -2]], [[7]], [[3, 3, 2]]],
     "tests": "def check(candidate):\n    assert candidate([1, 2, 3]) == 3\n"},
    {"task_id": "Own/1", "prompt": "def double(x):\n", "entry_point": "double",
     "reference": "def double(x):\n    return x * 2\n",
     "base": [[1], [2]], "plus": [[0], [-3], ["ab"], [0.1]],
     "tests": "def check(candidate):\n    assert candidate(2) == 4\n"},
]
RIGHT = {"Own/0": "def largest(numbers):\n    return sorted(numbers)[-1]\n",
         "Own/1": "def double(x):\n    return x + x\n"}


class AssayTest(unittest.TestCase):
    """A scratch folder per test; `self.db` and `self.dataset` lie in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.db = self.folder / "assay.db"
        self.dataset = self.write("own.jsonl", PROBLEMS)

    def write(self, name, rows):
        path = self.folder / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    def samples(self, *programs, name="samples.jsonl", model="m"):
        """programs: (task_id, solution) pairs."""
        return self.write(name, [{"task_id": task, "solution": text, "model": model}
                                 for task, text in programs])

    def command(self, *arguments):
        arguments = [str(argument) for argument in arguments]
        if "--db" not in arguments and arguments[0] not in ("datasets", "demo"):
            arguments += ["--db", str(self.db)]
        return [ASSAY, *arguments]

    def assay(self, *arguments, code=0, **options):
        """Runs assay and returns the finished process; fails unless it exits with `code`."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=300,
                              check=False, **options)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def json(self, *arguments, **options):
        return json.loads(self.assay(*arguments, "--json", **options).stdout)

    def run_samples(self, samples, *arguments, **options):
        return self.json("run", "--dataset", self.dataset, "--samples", samples, *arguments, **options)

    def statuses(self, suite="base"):
        """Status per (task_id, sample_id)."""
        shown = self.json("show")
        return {(entry["task_id"], sample): verdict["status"]
                for entry in shown["programs"] for sample in entry["sample_ids"]
                for verdict in entry["verdicts"] if verdict["suite"] == suite}

    def query(self, sql):
        connection = sqlite3.connect(self.db, isolation_level=None)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def descendants(pid):
    """Processes below pid, by /proc."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
    found, frontier = set(), {pid}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier} - found
        found |= frontier
    return found


def wait_until_gone(pids, seconds=10):
    """Those of `pids` that still live after a while."""
    deadline = time.monotonic() + seconds
    left = set(pids)
    while left and time.monotonic() < deadline:
        left = {pid for pid in left if not zombie(pid)}
        time.sleep(0.05)
    return left


def zombie(pid):
    """Ended: gone, or waiting to be collected."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
