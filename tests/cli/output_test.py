"""What leaves the program: nothing that a stranger wrote acts on a terminal, in JSON or in a spreadsheet; what cannot be
written is a failure."""
import csv
import json
import os
import pty
import re
import subprocess
import unittest

from support import RIGHT, AssayTest

# ESC, OSC with its end, a C1 control, marks of direction and a line separator.
HOSTILE = "\x1b[31mRED\x1b]0;pwn\x07\x9b31m\u202e\u200f\u061c\u2028"
ACTS = re.compile(
    rb"[\x00-\x08\x0b-\x1f\x7f]|(?<![\xc2-\xf4])(?<![\x80-\xbf])[\x80-\x9f]|\xc2[\x80-\x9f]"
    rb"|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xef\xbb\xbf")


class Output(AssayTest):
    def on_terminal(self, *arguments):
        """Runs assay on a terminal of its own; all that came there, but the progress bar's own codes."""
        main, side = pty.openpty()
        process = subprocess.Popen(self.command(*arguments), stdout=side, stderr=side, stdin=subprocess.DEVNULL)
        os.close(side)
        shown = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            shown += part
        os.close(main)
        self.assertIn(process.wait(60), (0, 1))
        return shown.replace(b"\r\n", b"\n").replace(b"\x1b[K", b"").replace(b"\r", b"")

    def hostile_benchmark(self, name=HOSTILE):
        """Texts are hostile; names too, unless a plain one is given."""
        task = "Own/" + name
        slow = "import time\ndef f(x):\n    e = time.process_time() + 1.2\n    while time.process_time() < e: pass\n    return x\n"
        dataset = self.write("hostile.jsonl", [
            {"dataset": "d" + name, "version": "v" + name, "note": "NOTE " + HOSTILE},
            {"task_id": task, "entry_point": "f", "reference": slow, "base": [[1]], "plus": [[1], [HOSTILE]]}])
        programs = ["def f(x): return x\n# " + HOSTILE.replace("\u2028", ""),
                    f"def f(x): return x if x == 1 else {HOSTILE!r}\n",
                    f"class E(Exception): pass\nE.__qualname__ = E.__module__ = {HOSTILE!r}\n"
                    f"def f(x):\n    if x == 1: return x\n    raise E({HOSTILE!r})\n"]
        samples = self.write("hostile_samples.jsonl", [
            {"task_id": task, "solution": text, "model": "m" + name, "sample_id": f"{number}{name}"}
            for number, text in enumerate(programs)])
        return dataset, samples

    def hostile_database(self):
        """As a stranger's may be: names with control characters do not come in through files."""
        dataset, samples = self.hostile_benchmark("plain")
        self.assay("run", "--dataset", dataset, "--samples", samples)
        text = lambda before, after="": "CAST(X'" + (before + HOSTILE + after).encode().hex() + "' AS TEXT)"
        self.query("UPDATE model SET name = " + text("m", "\nnew line"))
        self.query("UPDATE problem SET task_id = " + text("Own/"))
        self.query(f"UPDATE dataset SET name = {text('d')}, version = {text('v')}")
        self.query(f"UPDATE sample SET sample_id = sample_id || {text('')}")
        return dataset, samples

    def test_nothing_that_a_stranger_wrote_acts_on_a_terminal(self):
        """`limits` printed the model's name as it was, progress bars the task_id, `run` and `datasets show` the note."""
        dataset, samples = self.hostile_benchmark()
        for command in [("datasets", "check", dataset), ("datasets", "show", dataset), ("run", "--dataset", dataset, "--samples", samples)]:
            shown = self.on_terminal(*command)
            self.assertIsNone(ACTS.search(shown), command)
            self.assertIn(b"control character", shown)
        dataset, samples = self.hostile_benchmark("plain")
        commands = [("datasets", "check", dataset, "--seconds", "5"), ("datasets", "show", dataset),
                    ("rates", "--pass-at", "1"), ("rates", "--csv"), ("limits",),
                    ("show",), ("suite",), ("report", "--format", "markdown"), ("report", "-o", self.folder / "r.html")]
        self.hostile_database()
        for command in commands:
            shown = self.on_terminal(*command)
            found = ACTS.search(shown)
            self.assertIsNone(found, f"{command}: {found and shown[max(0, found.start() - 80):found.end() + 20]}")
        self.assertIn(b"\\x1b[31mRED", self.on_terminal("limits"))
        page = (self.folder / "r.html").read_bytes()
        self.assertNotIn(b"RED\x1b", page)

    def test_json_is_ascii_and_keeps_every_name(self):
        self.hostile_database()
        for command in ("rates", "limits", "show", "suite"):
            done = subprocess.run(self.command(command, "--json"), capture_output=True, check=True)
            self.assertIsNone(re.search(rb"[^\x20-\x7e\n]", done.stdout), command)
            if command in ("rates", "limits"):
                self.assertEqual(json.loads(done.stdout)["rows"][0]["model"], f"m{HOSTILE}\nnew line")

    def test_a_name_is_no_formula_in_a_spreadsheet(self):
        """`rates --csv` wrote models named `=1+1` and `@SUM(1)` as they were."""
        for number, model in enumerate(("=1+1", "@SUM(1)", "-1", "plain")):
            self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), name=f"s{number}.jsonl", model=model))
        rows = list(csv.reader(self.assay("rates", "--csv").stdout.splitlines()))[1:]
        self.assertEqual(sorted(row[1] for row in rows), ["'-1", "'=1+1", "'@SUM(1)", "plain"])
        self.assertTrue(all(re.fullmatch(r"-?[0-9.e-]*", cell) for row in rows for cell in row[4:]))

    def test_a_full_disk_is_a_failure(self):
        """`assay datasets list > /dev/full` ended with exit code 0."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        for arguments in (("datasets", "list"), ("rates",), ("rates", "--json"), ("show",), ("--help",)):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(self.command(*arguments) if arguments != ("--help",) else [self.command("x")[0], "--help"],
                                      stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("standard output cannot be written: No space left", done.stderr)
        closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *self.command("datasets", "list")],
                                stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(closed.returncode, 1)
        self.assertIn("standard output cannot be written", closed.stderr)

    def test_a_reader_that_has_seen_enough_ends_it_quietly(self):
        text = RIGHT["Own/0"] + "# " + "x" * 200000 + "\n"
        self.run_samples(self.samples(("Own/0", text), ("Own/0", text + "# again\n")))
        process = subprocess.Popen(self.command("show"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(60), 0)

    def test_standard_error_that_is_gone_does_not_end_a_run(self):
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        with open("/dev/full", "wb") as full:
            done = subprocess.run(self.command("run", "--dataset", self.dataset, "--samples", samples),
                                  stdout=subprocess.PIPE, stderr=full, text=True, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("accuracy", done.stdout)

    def test_nothing_that_the_caller_left_open_reaches_the_jail(self):
        """Descriptors that are not close-on-exec, of the caller or of a library, went on to the jail's launcher."""
        reading, writing = os.pipe()
        samples = self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", "def double(x):\n    while True: pass\n"))
        process = subprocess.Popen(self.command("run", "--dataset", self.dataset, "--samples", samples),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(writing,))
        os.close(writing)
        holders = set()
        program = os.path.realpath(self.command("x")[0])
        mine = os.fstat(reading).st_ino
        while process.poll() is None:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    for descriptor in os.listdir(f"/proc/{pid}/fd"):
                        if os.stat(f"/proc/{pid}/fd/{descriptor}").st_ino == mine and int(pid) not in (os.getpid(), process.pid):
                            # A fork of ours that has not executed the launcher yet holds what we hold.
                            if os.readlink(f"/proc/{pid}/exe") != program:
                                holders.add(name_of_process(pid))
                except OSError:
                    continue
        os.close(reading)
        self.assertEqual(holders, set())
        self.assertEqual(process.returncode, 0)


def name_of_process(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "?"


class Names(AssayTest):
    """Names and paths that are not UTF-8: a run took them, and then no command could read its database."""
    BAD = b"caf\xe9"

    def refused(self, arguments, code=2):
        command = [argument.encode() if isinstance(argument, str) else argument for argument in arguments]
        done = subprocess.run([os.fsencode(self.command("x")[0]), *command], capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn(b"not UTF-8", done.stderr)
        self.assertIn(b"caf\\xe9", done.stderr)
        self.assertFalse(self.db.exists())

    def test_on_the_command_line_they_are_refused(self):
        samples, dataset, db = str(self.samples(("Own/0", RIGHT["Own/0"]))), str(self.dataset), str(self.db)
        run = ["run", "--dataset", dataset, "--samples", samples, "--db"]
        self.refused([*run, db, "--model", self.BAD])
        self.refused([*run, os.fsencode(self.folder) + b"/" + self.BAD])
        self.refused(["run", "--dataset", dataset, "--db", db, "--samples", os.fsencode(self.folder) + b"/" + self.BAD])
        self.refused(["report", "--db", db, "-o", self.BAD])

    def test_in_a_folder_of_samples_they_are_refused(self):
        folder = self.folder / "samples" / "Own_0"
        folder.mkdir(parents=True)
        with open(os.fsencode(folder) + b"/" + self.BAD + b".py", "wb") as file:
            file.write(RIGHT["Own/0"].encode())
        arguments = ["run", "--dataset", str(self.dataset), "--samples", str(folder.parent), "--db", str(self.db)]
        done = subprocess.run([self.command("x")[0], *arguments], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"caf\\xe9.py: its name is not UTF-8", done.stderr)

    def test_in_imported_counts_they_are_refused(self):
        file = self.folder / "counts.csv"
        file.write_bytes(b"model,task_id,n,tp,fp\n" + self.BAD + b",T/0,10,1,1\n")
        done = self.assay("import", "counts", file, "--dataset", "d", code=1)
        self.assertIn('counts.csv:2: "model" is not UTF-8', done.stderr)

    def test_a_database_that_holds_one_stays_readable(self):
        """As an older assay stored it: `limits`, `suite`, `show` and `report` ended with "unexpected: parse_error.101"."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        self.query("UPDATE sample SET sample_id = CAST(X'636166E9' AS TEXT) WHERE id = 1")
        self.query("UPDATE model SET name = CAST(X'6D9B' AS TEXT)")
        for command in (["rates"], ["rates", "--csv"], ["limits"], ["show"], ["suite"], ["report", "-o", self.folder / "r.html"],
                        ["report", "-o", self.folder / "r.md", "--format", "markdown"],
                        ["export", "evalplus", "--dataset", "own", "-o", self.folder / "e.json"]):
            self.assay(*command)
            if command[0] in ("rates", "limits", "show", "suite") and "--csv" not in command:
                self.json(*command)
        self.assertIn("caf\\xe9", self.assay("show").stdout)


class Help(AssayTest):
    def test_a_database_is_offered_where_it_means_something(self):
        for command in ("run", "rates", "limits", "fit", "report", "show", "suite", "import", "export", "demo"):
            self.assertIn("--db", subprocess.run([self.command("x")[0], command, "--help"], capture_output=True, text=True,
                                                 check=True).stdout)
        for command in ("doctor", "datasets"):
            self.assertNotIn("--db", subprocess.run([self.command("x")[0], command, "--help"], capture_output=True, text=True,
                                                    check=True).stdout)


if __name__ == "__main__":
    unittest.main()
