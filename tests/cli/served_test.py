#!/usr/bin/env python3
"""`assay search` on a model of our own behind a server (`gpt_server`): what it answers is what the same model answers from its file,
also where the server misbehaves on purpose; nothing is lost and nothing that was answered is asked twice."""
import json
import math
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

from support import ASSAY, AssayTest

SERVER = os.environ["GPT_SERVER"]
FATES = {"429", "429 wait", "500", "502", "503", "slow", "cut", "no json", "fewer", "more", "doubled", "two", "order"}
EVERY = ("--strategy", "greedy,sample,majority,best-of,beam,dvts,particle")
LEAN = ("--verifier", "truth+noise=1", "--samples", "2", "--replicates", "200", "--json")
SMALL = ("--steps", "150", "--batch", "64", "--dim", "48", "--hidden", "96", "--layers", "1", "--heads", "4", "--kv-heads", "4",
         "--problems", "50", "--seed", "3", "-j", "1")


class Served:
    def __init__(self, model, folder, **how):
        self.file = pathlib.Path(tempfile.mkstemp(dir=folder, suffix=".log")[1])
        options = [word for name, value in how.items() for word in ("--" + name, str(value))]
        self.process = subprocess.Popen([SERVER, str(model), "--log", str(self.file), *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def log(self):
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


def asked(entry):
    """What a request asks for, choice by choice: the same body and the same seed are the same question."""
    request = dict(entry["request"])
    n, seed = request.pop("n", 1), request.pop("seed", 0)
    return [(json.dumps(request, sort_keys=True), seed + i) for i in range(n)]


def half_width(row):
    low, high = row["accuracy_interval"]
    return (high - low) / 2


class ServedModel(AssayTest):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="assay-served-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.model = cls.home / "chains.gpt"
        done = subprocess.run([ASSAY, "train", "base", "--task", "chains", *SMALL, "-o", str(cls.model), "--db", str(cls.home / "assay.db"),
                               "--quiet"], capture_output=True, text=True, timeout=300, check=False)
        if "built without libtorch" in done.stderr:
            raise unittest.SkipTest("skipped: a model is trained, for which this assay lacks libtorch")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def server(self, **how):
        server = Served(self.model, self.folder, **how)
        self.addCleanup(server.close)
        return server

    def search(self, policy, problems, *options, db="one.db"):
        words = ("search", "--task", "chains", "--problems", problems, "--policy", policy, *LEAN, *options, "--db", self.folder / db)
        said = json.loads(self.assay(*words).stdout)
        for row in said["rows"]:
            del row["policy"]  # the address
        return said

    def at(self, server, *more, **keys):
        return self.search(f"endpoint:{server.url}", *more, **keys)

    def answers(self, db, strategy):
        """task_id -> answer and the tokens that it took."""
        connection = sqlite3.connect(self.folder / db)
        try:
            return {task: rest for task, *rest in connection.execute(
                "SELECT task_id, answer, truth, tokens FROM search_answer WHERE strategy = ? AND n = 4", (strategy,))}
        finally:
            connection.close()

    def assert_nothing_twice(self, log, patience=math.inf):
        """`patience`: the seconds behind which the client asks again by right: a busy machine may keep it from an answer so long."""
        had = {}
        for entry in log:
            questions = asked(entry)
            for question in questions:
                self.assertFalse(entry["at"] - had.get(question, -math.inf) < patience,
                                 f"asked again though it was answered: {entry['serial']}, {question}")
            had.update((questions[i], entry["at"]) for i in entry["good"])

    def test_a_served_model_is_the_model_also_where_its_server_misbehaves(self):
        options = (200, *EVERY, "--n", "4", "--seed", "2")
        hosted = self.search(f"gpt:{self.model}", *options, db="hosted.db")
        good, bad = self.server(), self.server(share=.08, slow=7)
        said = self.at(good, *options, db="good.db")
        worse = self.at(bad, *options, "--request-timeout", "6", db="bad.db")
        for part in ("rows", "verifiers", "scaling", "predicted"):
            self.assertEqual(worse[part], said[part])
        self.assertEqual({entry["fate"] for entry in bad.log()} - {""}, FATES)
        self.assertGreater(worse["servers"]["retries"], 100)
        self.assert_nothing_twice(good.log())
        self.assert_nothing_twice(bad.log(), patience=6)
        for key in ("steps_refused", "steps_estimated", "steps_shortened", "steps_cut_at_context", "prompts_too_long"):
            self.assertEqual((said["servers"][key], worse["servers"][key]), (0, 0), key)
        # Greedy is the same model's choice, answer for answer, token for token; what is drawn is alike.
        rows = [{row["strategy"]: row for row in one["rows"]} for one in (hosted, said)]
        for key in ("accuracy", "tokens", "generations", "fdr"):
            self.assertEqual(rows[0]["greedy"][key], rows[1]["greedy"][key], key)
        self.assertEqual(self.answers("hosted.db", "greedy"), self.answers("good.db", "greedy"))
        self.assertEqual(len(self.answers("good.db", "greedy")), 200)
        for name, row in rows[0].items():
            other = rows[1][name]
            self.assertLess(abs(row["accuracy"] - other["accuracy"]), 1.5 * math.hypot(half_width(row), half_width(other)), name)
        self.assertGreater(rows[1]["particle"]["accuracy"], rows[1]["sample"]["accuracy"])
        # A step of one token is one token, asked for without a stop.
        for entry in good.log()[1:]:
            self.assertEqual(entry["request"]["max_tokens"], 1)
            self.assertNotIn("stop", entry["request"])
        # The same search once more asks for nothing: its answers are in the database.
        before = len(good.log())
        self.assertEqual(self.at(good, *options, db="good.db")["rows"], said["rows"])
        self.assertLessEqual(len(good.log()), before + 1)  # the probe

    def test_what_was_answered_before_a_kill_is_not_asked_again(self):
        options = (*EVERY, "--n", "2", "--seed", "3", "--model", "gpt")
        whole, server = self.server(), self.server()
        expected = self.at(whole, 60, *options, "--replies", self.folder / "whole.jsonl", db="whole.db")
        everything = (self.folder / "whole.jsonl").read_text().splitlines()
        file = self.folder / "replies.jsonl"
        words = ("search", "--task", "chains", "--problems", 60, "--policy", f"endpoint:{server.url}", *LEAN, *options, "--replies", file)
        with subprocess.Popen(self.command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and (not file.exists() or file.read_bytes().count(b"\n") < 400):
                time.sleep(.005)
            process.kill()
        time.sleep(.5)  # for what was in the air
        kept = file.read_bytes().count(b"\n")
        self.assertLess(kept, len(everything))
        before = len(server.log())
        said = self.at(server, 60, *options, "--replies", file, db="resumed.db")
        for part in ("rows", "verifiers"):
            self.assertEqual(said[part], expected[part])
        self.assertEqual(said["servers"]["replies_read"], kept)
        self.assertEqual(sorted(file.read_text().splitlines()), sorted(everything))
        self.assertEqual(sum(len(asked(entry)) for entry in server.log()[before:]), len(everything) - kept)

    def test_caps_hold(self):
        said = self.at(self.server(), 40, *EVERY, "--n", "8", "--caps", "generations=6,tokens=30,calls=9")
        for row in said["rows"]:
            self.assertLessEqual(row["generations"], 6)
            self.assertLessEqual(row["verifier_calls"], 9)
            self.assertLessEqual(row["tokens"], 30 + 6)  # a step of each may pass it

    def test_a_chat_that_is_gone_on_from_is_the_same(self):
        options = (30, "--strategy", "greedy,particle", "--n", "4")
        said, chat = self.at(self.server(), *options, db="a.db"), self.at(self.server(chat=1), *options, db="b.db")
        # Draws are by the same seeds.
        self.assertEqual(chat["rows"], said["rows"])
        fewer = self.server(choices=1)
        self.assertEqual(self.at(fewer, *options, db="c.db")["rows"], said["rows"])
        self.assert_nothing_twice(fewer.log())

    def test_where_the_model_reads_no_further(self):
        options = (20, "--strategy", "greedy", "--n", "1")
        line = ("--step", "line", "--max-tokens", "500")
        expected = self.at(self.server(), *options, "--step", "line", "--max-tokens", "40", db="a.db")
        for i, words in enumerate(("vllm", "none")):
            # More than there is room for is asked for with what there is, and answered as if it had been so at once.
            said = self.at(self.server(words=words), *options, *line, db=f"room{i}.db")
            self.assertEqual(said["rows"][0]["accuracy"], expected["rows"][0]["accuracy"])
            self.assertGreater(said["servers"]["steps_shortened"], 0)
            # Answers that do not fit are cut, prompts that do not are not answered; both are counted.
            said = self.at(self.server(words=words, context=15), *options, db=f"cut{i}.db")
            self.assertEqual(said["rows"][0]["accuracy"], 0)
            self.assertGreaterEqual(said["servers"]["steps_cut_at_context"], 20)
            said = self.at(self.server(words=words, context=10), *options, db=f"none{i}.db")
            self.assertEqual(said["rows"][0]["abstained"], 1)
            self.assertGreaterEqual(said["servers"]["prompts_too_long"], 20)
            self.assertEqual(said["servers"]["steps_refused"], 0)
        self.assertIn("a prompt was too long for the model", self.assay(
            "search", "--task", "chains", "--problems", 5, "--policy", f"endpoint:{self.server(context=10).url}", *LEAN[:-1],
            "--strategy", "greedy").stdout)


if __name__ == "__main__":
    unittest.main()
