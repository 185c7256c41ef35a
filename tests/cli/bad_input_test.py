"""Bad input: one clear sentence with file and line, the right exit code, nothing stored lost."""
import gzip
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from support import ASSAY, RIGHT, AssayTest


class BadSamples(AssayTest):
    GOOD = json.dumps({"task_id": "Own/0", "solution": RIGHT["Own/0"], "model": "m"}) + "\n"

    def refused(self, content, *needles, name="bad.jsonl", strict=False):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = self.assay("run", "--dataset", self.dataset, "--samples", path, "--quiet",
                          *["--strict-input"] * strict, code=1)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for needle in (name, *needles):
            self.assertIn(needle, done.stderr)

    def test_malformed_line(self):
        self.refused(self.GOOD + '{"task_id": "Own/0", "solution": \n', ":2", strict=True)
        self.refused('{"task_id": "Own/0", "solution": \n', ":1")

    def test_a_table_is_named(self):
        """A CSV given as samples was "malformed JSON at byte 1"."""
        self.refused("task_id,solution\nOwn/0,x\n", ":1", "as a CSV table does", "one JSON object a line is expected")

    def test_missing_key(self):
        self.refused(self.GOOD + '{"task_id": "Own/0"}\n', ":2", "solution", strict=True)
        self.refused('{"solution": "x"}\n', ":1", "task_id")

    def test_unknown_task_and_wrong_dataset(self):
        row = '{"task_id": "HumanEval/0", "solution": "x"}\n'
        self.refused(self.GOOD + row, ":2", "HumanEval/0", "--dataset", strict=True)
        self.refused(3 * row, ":1", "HumanEval/0", "--dataset", "each of 3 rows")

    def test_one_bad_row_is_passed_over_and_listed(self):
        """Half a letter in one row of 3,000 refused the file (case 16)."""
        half = self.GOOD.replace("largest", "lar\\ud835gest", 1)
        path = self.folder / "half.jsonl"
        path.write_text(self.GOOD + 11 * half + '{"task_id": "T/0", "solution": "x"}\n' + self.GOOD)
        done = self.assay("run", "--dataset", self.dataset, "--samples", path, "--json", code=3)
        run = json.loads(done.stdout)["run"]
        self.assertEqual((run["samples"], run["bad"], len(run["bad_rows"])), (2, 12, 12))
        self.assertEqual(run["bad_rows"][0]["place"], f"{path}:2")
        self.assertIn("T/0", run["bad_rows"][11]["why"])
        self.assertIn("12 of 14 rows cannot be read", done.stderr)
        self.assertIn(f"{path}:11: ", done.stderr)
        self.assertNotIn(f"{path}:12: ", done.stderr)
        self.assertIn("... and 2 more", done.stderr)

    def test_containers_and_encodings(self):
        """UTF-16 was "malformed JSON at byte 1", and so was everything else (case 17)."""
        samples = self.folder / "coded.jsonl"
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
            samples.write_bytes(self.GOOD.encode(encoding))
            self.assertEqual(self.run_samples(samples)["run"]["samples"], 1, encoding)
        self.refused(b"PK\x03\x04" + bytes(26), "is a zip archive", "unzip")
        self.refused(b"PAR1" + bytes(26), "is a Parquet file", "read_parquet")
        latin = json.dumps({"task_id": "Own/0", "solution": "# café"}, ensure_ascii=False)
        self.refused(latin.encode("latin-1"), "not UTF-8", "iconv -f WINDOWS-1252")

    def test_standard_input(self):
        """`--samples -` was a file of that name."""
        rows = (self.GOOD + self.GOOD.replace('"m"', '""')).encode()
        for content in (rows, gzip.compress(rows)):
            done = subprocess.run(self.command("run", "--dataset", self.dataset, "--samples", "-",
                                               "--json"), input=content, capture_output=True, check=True)
            rates = json.loads(done.stdout)["rates"]["rows"]
            self.assertEqual(sorted(row["model"] for row in rates), ["m", "stdin"])

    def test_a_model_name_that_no_row_needs(self):
        """Every row named its own model; that --model did nothing was said as if for some."""
        path = self.folder / "good.jsonl"
        path.write_text(self.GOOD)
        done = self.assay("run", "--dataset", self.dataset, "--samples", path, "--model", "given")
        self.assertIn("--model given has no effect: every row names its own model (m)", done.stderr)

    def test_duplicate_sample_id_with_another_text(self):
        row = {"task_id": "Own/0", "sample_id": "a", "model": "m"}
        self.refused("".join(json.dumps({**row, "solution": text}) + "\n"
                             for text in ("x = 1", "x = 2")), ":2")

    def test_empty_file(self):
        self.refused("")

    def test_truncated_gz(self):
        whole = gzip.compress(os.urandom(60000).hex().encode() + b"\n" + self.GOOD.encode())
        self.refused(whole[:len(whole) // 2], name="cut.jsonl.gz")

    def test_missing_file(self):
        done = self.assay("run", "--dataset", self.dataset, "--samples", self.folder / "none.jsonl",
                          code=1)
        self.assertIn("none.jsonl", done.stderr)

    def test_a_bad_row_stores_nothing_and_loses_nothing(self):
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        bad = self.folder / "half.jsonl"
        bad.write_text(json.dumps({"task_id": "Own/1", "solution": "x", "model": "n"}) + "\n{\n")
        self.assay("run", "--dataset", self.dataset, "--samples", bad, "--strict-input", code=1)
        self.assertEqual(self.query("SELECT count(*) FROM sample"), [(1,)])
        self.assertEqual(self.query("SELECT count(*) FROM verdict"), [(2,)])

    def test_a_subset_of_tasks_is_welcome(self):
        result = self.run_samples(self.samples(("Own/1", RIGHT["Own/1"])))
        self.assertEqual(result["rates"]["rows"][0]["problems"], 1)
        both = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"]), model="other")
        result = self.run_samples(both, "--task", "Own/0")
        self.assertEqual(result["rates"]["rows"][0]["samples"], 1)


class BadDatabase(AssayTest):
    def test_newer_version(self):
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        self.query("PRAGMA user_version = 99")
        self.assertIn("newer assay", self.assay("rates", code=1).stderr)

    def test_held_by_another_process(self):
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        self.run_samples(samples)
        holder = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN EXCLUSIVE")
        done = self.assay("run", "--dataset", self.dataset, "--samples", samples, code=1)
        self.assertIn("held by another process", done.stderr)

    def test_a_pipe_for_a_dataset_is_not_waited_for(self):
        """The database of a stranger named a FIFO as its dataset: suite and report hung on it."""
        self.run_samples(self.samples(("Own/1", "def double(x):\n    return 2 * int(x)\n")))
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        self.query(f"UPDATE run SET options = json_set(options, '$.dataset', '{pipe}')")
        self.assay("suite")
        self.assay("report", "-o", self.folder / "r.html")
        # A number there ended both with "unexpected: type must be string, but is number".
        self.query("UPDATE run SET options = json_set(options, '$.dataset', 5)")
        self.assay("suite")
        self.assay("report", "-o", self.folder / "r.html")

    def test_reading_leaves_the_database_alone(self):
        """Every command opened it to write: results in a read-only place could not be looked at."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        rates = self.assay("rates").stdout
        before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        for command in ("rates", "limits", "show", "suite", "report"):
            self.assay(command)
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()}, before)
        self.assertEqual(self.read_only(self.db), rates)

    def test_a_read_only_place_with_a_database_in_wal_mode(self):
        """So did earlier versions leave it; and so does a run that is killed."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        rates = self.assay("rates").stdout
        self.query("PRAGMA journal_mode = WAL")
        self.assertEqual(self.read_only(self.db), rates)

    def test_a_read_only_place_with_a_database_that_is_not_at_rest(self):
        """What a killed run had committed last lay in a -wal file, and every command refused to read it."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        writer = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(writer.close)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE model SET name = 'committed last'")
        self.assertTrue(pathlib.Path(f"{self.db}-wal").stat().st_size)
        self.assertIn("committed last", self.read_only(self.db))
        left = sorted(path.name for path in (self.folder / "place").iterdir())
        for command in (["rates"], ["limits"], ["show"], ["suite"], ["report", "-o", self.folder / "r.html"]):
            self.assay(*command, "--db", self.folder / "place/a.db")
        self.assertEqual(sorted(path.name for path in (self.folder / "place").iterdir()), left)
        # So too through a link, beside which nothing lies.
        link = self.folder / "link.db"
        link.symlink_to("place/a.db")
        self.assertIn("committed last", self.assay("rates", "--db", link).stdout)
        # Where no copy can be made either, one sentence says so.
        done = self.assay("rates", "--db", self.folder / "place/a.db", code=1,
                          env={**os.environ, "TMPDIR": str(self.folder / "place")})
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn("was left by a run that did not end", done.stderr)

    def test_a_signal_while_such_a_database_is_copied(self):
        """The folder of the copy stayed in TMPDIR, as large as the database."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        self.query("CREATE TABLE filler AS SELECT zeroblob(200000000) AS x")
        writer = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(writer.close)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE model SET name = 'committed last'")
        self.read_only(self.db)
        scratch = self.folder / "scratch"
        scratch.mkdir()
        process = subprocess.Popen(self.command("rates", "--db", self.folder / "place/a.db"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(scratch)})
        deadline = time.monotonic() + 60
        while process.poll() is None and not list(scratch.iterdir()) and time.monotonic() < deadline:
            pass
        process.terminate()
        self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)
        self.assertEqual(list(scratch.iterdir()), [])

    def test_a_read_only_place_with_a_transaction_that_did_not_end(self):
        """What is to be undone lies in a -journal file: "cannot be written", said the commands that only read."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        rates = self.assay("rates").stdout
        writer = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(writer.close)
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute("UPDATE model SET name = 'half done'")
        writer.execute("CREATE TABLE filler (x)")
        for _ in range(1000):
            writer.execute("INSERT INTO filler VALUES (randomblob(1000))")
        self.assertIn(b"half done", self.db.read_bytes())
        self.assertEqual(self.read_only(self.db), rates)

    def read_only(self, db):
        """What `rates` prints of a copy of the database that lies where nothing can be written."""
        place = self.folder / "place"
        place.mkdir(exist_ok=True)
        if os.geteuid() == 0:  # whom permissions do not stop
            if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], stderr=subprocess.DEVNULL,
                              check=False).returncode:
                self.skipTest("skipped: no file system can be mounted here")
            self.addCleanup(subprocess.run, ["umount", str(place)], check=True)
        for file in db.parent.glob(db.name + "*"):
            if not file.name.endswith("-shm"):  # memory of the processes at work, which are not here
                shutil.copy(file, place / file.name.replace(db.name, "a.db"))
        if os.geteuid() == 0:
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        else:
            place.chmod(0o555)
            self.addCleanup(place.chmod, 0o755)
        return self.assay("rates", "--db", place / "a.db").stdout

    def test_not_a_database(self):
        self.db.write_text("hello " * 1000)
        self.assertIn("not an assay database", self.assay("rates", code=1).stderr)

    def test_missing(self):
        self.assertIn("there is no database", self.assay("rates", code=1).stderr)

    @unittest.skipUnless(os.geteuid() == 0, "skipped: a small file system takes root to mount")
    def test_full_disk(self):
        mount = self.folder / "small"
        mount.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", mount],
                          stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("skipped: no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", str(mount)], check=True)
        self.db = mount / "assay.db"
        samples = self.samples(*[
            ("Own/0", f"def largest(numbers):\n    return max(numbers)\n# {'x' * 2000} {i}\n")
            for i in range(400)])
        done = self.assay("run", "--dataset", self.dataset, "--samples", samples, code=1)
        self.assertIn("no space left", done.stderr)


class BadUsage(AssayTest):
    def test_usage_is_exit_2(self):
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        run = ["run", "--dataset", str(self.dataset), "--samples", "x"]
        for arguments in (["run"], ["nonsense"], ["rates", "--nonsense"],
                          ["rates", "--proxy", "nonsense"], [*run, "--limits", "what=1"],
                          [*run, "--limits", "test_cpu_s=-1"],
                          [*run, "--full", "--stop-at-first-failure"]):
            self.assay(*arguments, code=2)

    def test_an_unknown_dataset_is_named(self):
        done = self.assay("run", "--dataset", "nonsense", "--samples", self.dataset, code=1)
        self.assertIn("nonsense", done.stderr)

    def test_help_and_version(self):
        listed = subprocess.run([ASSAY, "--help"], capture_output=True, text=True, check=True).stdout
        for command in ("run", "rates", "show", "suite", "import counts", "import evalplus", "import results",
                        "export evalplus", "export samples", "datasets", "doctor", "demo", "report", "limits",
                        "fit"):
            done = subprocess.run([ASSAY, *command.split(), "--help"], capture_output=True, text=True,
                                  check=True)
            self.assertIn("Example", done.stdout, command)
            self.assertIn(command.split()[0], listed)
        alone = subprocess.run([ASSAY], capture_output=True, text=True)
        self.assertEqual((alone.returncode, alone.stdout, alone.stderr), (2, listed, ""))
        version = subprocess.run([ASSAY, "--version"], capture_output=True, text=True, check=True)
        self.assertTrue(version.stdout.startswith("assay "))


if __name__ == "__main__":
    unittest.main()
