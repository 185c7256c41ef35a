#!/usr/bin/env python3
"""`assay search` on servers: whatever a server does wrong, nothing is lost, nothing is asked twice, and the answers are those that
a server which behaves would have given."""
import json
import os
import signal
import subprocess
import time
import unittest

from endpoint_server import BAD, Server, problems
from support import ASSAY, AssayTest

EVERY = "greedy,sample,majority,best-of,weighted-best-of,rejection,first-accepted,beam,dvts,particle,entropic-particle,gibbs," \
        "tempering,pessimism,soft-best-of"
LEAN = ("--samples", "2", "--replicates", "100")


def asked(entry):
    """What a request asks for, choice by choice: the same body and the same seed are the same question."""
    request = dict(entry["request"])
    n, seed = request.pop("n", 1), request.pop("seed", 0)
    return [(json.dumps(request, sort_keys=True), seed + i) for i in range(n)]


class Endpoint(AssayTest):
    def server(self, **how):
        server = Server(**how)
        self.addCleanup(server.close)
        return server

    def task(self, count):
        return self.write("problems.jsonl", problems(count))

    def words(self, server, count, *options, verifier="truth"):
        return ("search", "--task", self.task(count), "--policy", f"endpoint:{server.url}", "--verifier", verifier, *LEAN, *options)

    def search(self, server, count, *options, verifier="truth"):
        return self.rows_of(self.assay(*self.words(server, count, "--json", *options, verifier=verifier)))

    def rows_of(self, done):
        said = json.loads(done.stdout)
        for row in said["rows"]:
            del row["policy"]  # the address
        return said

    def assert_nothing_twice(self, server):
        had = set()
        for entry in server.log:
            questions = asked(entry)
            self.assertFalse(had & set(questions), "asked again though it was answered")
            had |= {questions[i] for i in entry["good"]}

    def test_a_server_that_misbehaves_changes_nothing(self):
        options = ("--strategy", EVERY, "--n", "2", "--repeat", "2", "--seed", "5")
        good, bad = self.server(), self.server(share=.2)
        expected = self.search(good, 200, *options)
        said = self.search(bad, 200, *options, "--request-timeout", "4", "--replies", self.folder / "replies.jsonl")
        self.assertEqual(set(bad.bad), set(BAD))
        self.assertGreater(said["servers"]["retries"], 100)
        for part in ("rows", "verifiers", "scaling", "predicted"):
            self.assertEqual(said[part], expected[part])
        for server in (good, bad):
            self.assert_nothing_twice(server)
        accuracy = {row["strategy"]: row["accuracy"] for row in said["rows"]}
        self.assertEqual(accuracy["greedy"], 1)
        self.assertLess(accuracy["sample"], .8)
        self.assertGreater(accuracy["best-of"], accuracy["sample"])
        # Patience that was asked for is kept.
        waited = 0
        for i, entry in enumerate(bad.log):
            if entry["fate"] == "429 wait":
                again = next((later for later in bad.log[i + 1:] if later["request"] == entry["request"]), None)
                self.assertIsNotNone(again)
                self.assertGreater(again["at"] - entry["at"], bad.wait)
                waited += 1
        self.assertGreater(waited, 0)

    def test_what_was_answered_before_a_kill_is_not_asked_again(self):
        file = self.folder / "replies.jsonl"
        options = ("--strategy", "majority,dvts,particle", "--n", "2,4", "--seed", "7", "--model", "adder")
        whole = self.server()
        expected = self.search(whole, 60, *options, "--replies", self.folder / "whole.jsonl")
        everything = (self.folder / "whole.jsonl").read_text().splitlines()
        server = self.server(delay=.01)
        with subprocess.Popen(self.command(*self.words(server, 60, *options, "--replies", file)), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            while not file.exists() or file.read_bytes().count(b"\n") < 300:
                time.sleep(.01)
            process.kill()
        kept = file.read_text().splitlines()
        self.assertLess(len(kept), len(everything))
        with open(file, "a", encoding="utf-8") as out:
            out.write('{"key":"12')
        time.sleep(.2)  # for what was in the air
        before = len(server.log)
        done = self.assay(*self.words(server, 60, *options, "--replies", file, "--json"))
        said = self.rows_of(done)
        self.assertIn("its last line was cut off", done.stderr)
        self.assertEqual(said["rows"], expected["rows"])
        self.assertEqual(said["servers"]["replies_read"], len(kept))
        self.assertEqual(sorted(file.read_text().splitlines()), sorted(everything))
        new = sum(len(asked(entry)) for entry in server.log[before:])
        self.assertEqual(new, len(everything) - len(kept))
        # Another run knows all.
        before = len(server.log)
        self.assertEqual(self.search(server, 60, *options, "--replies", file)["rows"], expected["rows"])
        self.assertEqual(len(server.log), before)

    def test_caps_and_the_number_in_flight_hold(self):
        server = self.server(delay=.005)
        said = self.search(server, 20, "--strategy", "best-of,particle,dvts,rejection", "--n", "8", "--in-flight", "5",
                           "-j", "20", "--caps", "generations=6,tokens=40,calls=9")
        for row in said["rows"]:
            self.assertLessEqual(row["generations"], 6)
            self.assertLessEqual(row["verifier_calls"], 9)
            self.assertLessEqual(row["tokens"], 40 + 6 * 5)  # a step of each may pass it
        self.assertEqual(server.flying_most, 5)

    def test_servers_of_every_kind_give_the_same_answers(self):
        options = ("--strategy", "greedy,sample,majority,best-of", "--n", "3", "--repeat", "2")
        expected = [row["answers"] for row in self.search(self.server(), 20, *options)["rows"]]
        for how in ({"kind": "openai"}, {"kind": "chat"}, {"n_max": 1}, {"n_max": 2, "kind": "openai"}):
            with self.subTest(how):
                server = self.server(**how)
                self.assertEqual([row["answers"] for row in self.search(server, 20, *options)["rows"]], expected)
                self.assert_nothing_twice(server)

    def test_whole_answers_only(self):
        server = self.server(kind="answers")
        done = self.assay(*self.words(server, 5, "--strategy", "sample,best-of", "--n", "2"))
        self.assertIn("whole answers only", done.stderr)
        said = self.assay(*self.words(server, 5, "--strategy", "dvts"), code=1).stderr
        self.assertIn("dvts needs a policy that goes on from a prefix", said)

    def test_what_a_user_gets_wrong_is_said(self):
        server = self.server()
        said = self.assay(*self.words(server, 3, "--model", "multiplier"), code=1).stderr
        for word in ("multiplier", "404", "the server has the models adder"):
            self.assertIn(word, said)
        for url, word in (("ftp://x", "http://HOST"), ("http://me:secret@127.0.0.1:1", "--api-key-env")):
            said = self.assay("search", "--task", self.task(1), "--policy", "endpoint:" + url, "--verifier", "truth", code=2).stderr
            self.assertIn(word, said)
            self.assertNotIn("secret", said)
        begun = time.monotonic()
        nobody = self.server()
        nobody.close()
        said = self.assay(*self.words(nobody, 3, "--model", "adder"), code=1).stderr
        self.assertIn("after 3 attempts", said)
        self.assertLess(time.monotonic() - begun, 10)
        other = self.folder / "notes.txt"
        other.write_text("not yours")
        self.assertIn("file of its own", self.assay(*self.words(server, 3, "--replies", other), code=1).stderr)
        self.assertEqual(other.read_text(), "not yours")
        self.assertIn("endpoint:URL", self.assay("search", "--task", self.task(1), code=2).stderr)

    def test_the_key_is_sent_and_never_shown(self):
        key, file = "sk-very-secret", self.folder / "replies.jsonl"
        server = self.server(refuses=key)
        environment = dict(os.environ, OWN_KEY=key, WRONG_KEY=key + "-not", OPENAI_API_KEY="")
        options = ("--strategy", "sample", "--n", "1", "--replies", file, "--json")
        done = self.assay(*self.words(server, 3, *options, "--api-key-env", "OWN_KEY"), env=environment)
        self.assertNotIn(key, done.stdout + done.stderr + file.read_text())
        file.unlink()
        done = self.assay(*self.words(server, 3, *options, "--api-key-env", "WRONG_KEY"), env=environment, code=1)
        self.assertIn("401", done.stderr)
        self.assertNotIn("secret", done.stdout + done.stderr + file.read_text())
        self.assertIn("no such variable", self.assay(*self.words(server, 3, "--api-key-env", "NO_KEY"), code=2).stderr)

    def test_an_interrupt_ends_it_at_once(self):
        server = self.server(delay=20)
        with subprocess.Popen(self.command(*self.words(server, 5, "--model", "adder")), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            while not server.log:
                time.sleep(.01)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)

    def test_scores_of_a_hook(self):
        def score(request):
            text = request["prefix"]
            if len(text) % 5 == 0:
                return 200, {"score": None}
            if len(text) % 7 == 0:
                return 422, {"error": "too odd"}
            return 200, {"score": .75 if request["finished"] else .25}
        server = self.server(score=score)
        hook = f"endpoint:{server.url}/score-hook"
        said = self.search(server, 10, "--strategy", "best-of,particle", "--n", "2", verifier=hook)
        self.assertGreater(said["servers"]["scores_refused"], 0)
        texts = [(one["prompt"], one["prefix"], one["finished"]) for one in server.scored if len(one["prefix"]) % 7]
        self.assertEqual(len(texts), len(set(texts)), "a score was asked for twice")
        final = said["verifiers"][0]
        self.assertGreater(final["not_judged"], 0)
        self.assertLess(final["not_judged"], final["n"] + final["not_judged"])
        server.score = lambda request: (200, {"score": 1.5})
        self.assertIn("it scores 1.5", self.assay(*self.words(server, 3, verifier=hook), code=1).stderr)
        server.score = lambda request: (200, {"value": .5})
        self.assertIn("no `score`", self.assay(*self.words(server, 3, verifier=hook), code=1).stderr)

    def test_rows_of_own_problems(self):
        for rows, words in [
                ([{"task_id": "a", "prompt": "?"}], [":1:", "no `answer`", "prompt, task_id"]),
                ([{"task_id": "a", "prompt": "?", "answer": "1"}, {"task_id": "a", "prompt": "?", "answer": 2}], [":2:", "twice"]),
                ([{"task_id": "a", "prompt": 3, "answer": "1"}], [":1:", "`prompt` must be a text"]),
                ([{"task_id": "a", "prompt": "?", "answer": "  "}], [":1:", "`answer` is empty"]),
                ([], ["no problem"])]:
            path = self.write("bad.jsonl", rows)
            said = self.assay("search", "--task", path, "--policy", "endpoint:http://127.0.0.1:1", code=1).stderr
            for word in words:
                self.assertIn(word, said)


if __name__ == "__main__":
    unittest.main()
