#!/usr/bin/env python3
"""`assay generate`: whatever a server does wrong, no sample is lost and nothing is asked twice."""
import collections
import json
import os
import re
import signal
import subprocess
import time
import unittest

from endpoint_server import draw
from generating_server import BAD, GeneratingServer, questions
from support import RIGHT, AssayTest

PROBLEMS = [{"task_id": f"Many/{i}", "prompt": f"def add_{i}(x):\n", "entry_point": f"add_{i}",
             "reference": f"def add_{i}(x):\n    return x + {i}\n", "base": [[1], [2]], "plus": [[-5], [100]]} for i in range(40)]
REASONED = {"finish_reason": "length", "message": {"role": "assistant", "content": None, "reasoning_content": "hm, hm"}}


class Generate(AssayTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "drawn.jsonl"

    def server(self, **how):
        server = GeneratingServer(**how)
        self.addCleanup(server.close)
        return server

    def words(self, server, *options, dataset=None, n=10, file=None):
        return ("generate", "--dataset", dataset or self.dataset, "--endpoint", server.url, "-n", n, "-o", file or self.file, *options)

    def draw(self, server, *options, code=0, **how):
        return self.assay(*self.words(server, *options, **how), code=code)

    def rows(self, file=None):
        return [json.loads(line) for line in (file or self.file).read_text().splitlines()]

    def texts(self, file=None):
        """By problem and number; each once."""
        rows = self.rows(file)
        texts = {(row["task_id"], row["sample_id"]): row.get("solution", row.get("completion")) for row in rows}
        self.assertEqual(len(texts), len(rows), "a sample came twice")
        return texts

    def assert_nothing_twice(self, server):
        given = server.given()
        self.assertEqual(len(given), len(set(given)), "asked again though it was answered")

    def many(self):
        return self.write("many.jsonl", PROBLEMS)

    def test_a_server_that_misbehaves_loses_nothing(self):
        good, bad = self.server(), self.server(share=.35)
        calm = self.folder / "calm.jsonl"
        self.draw(good, dataset=self.many(), n=30, file=calm)
        said = json.loads(self.draw(bad, "--per-request", "5", "--request-timeout", "2", "--json", dataset=self.many(), n=30).stdout)
        self.assertEqual(set(bad.bad), set(BAD))
        self.assertEqual(self.texts(), self.texts(calm))
        self.assertEqual(len(self.texts()), 1200)
        for server in (good, bad):
            self.assert_nothing_twice(server)
            self.assertEqual(len(server.given()), 1200)
        self.assertEqual(said["now"]["samples"], 1200)
        self.assertEqual(said["not_drawn"], [])
        self.assertGreater(said["retries"], 20)
        for i, entry in enumerate(bad.log):  # patience that was asked for is kept
            if entry["fate"] == "429 wait":
                again = next(later for later in bad.log[i + 1:] if later["request"] == entry["request"])
                self.assertGreater(again["at"] - entry["at"], bad.wait)
        # It is all there: the same command asks for nothing.
        before = len(bad.log)
        self.draw(bad, dataset=self.many(), n=30)
        self.assertEqual(len([entry for entry in bad.log[before:]]), 0)

    def test_a_kill_loses_what_is_in_flight_and_nothing_else(self):
        server = self.server(delay=.02)
        many = self.many()
        options = ("--per-request", "4", "--in-flight", "8")
        for kills in range(3):
            with subprocess.Popen(self.command(*self.words(server, *options, dataset=many, n=20)), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                while not self.file.exists() or self.file.read_bytes().count(b"\n") < 100 * (kills + 1):
                    time.sleep(.005)
                process.kill()
            time.sleep(.2)  # for what was in the air
            kept = set(self.texts())
            lost = len(server.given()) - len(kept)
            self.assertLessEqual(lost, 8 * 4 * (kills + 1))
        with open(self.file, "a", encoding="utf-8") as out:
            out.write('{"task_id":"Many/3","sam')
        done = self.draw(server, *options, dataset=many, n=20)
        self.assertIn("its last line was cut off", done.stderr)
        self.assertEqual(len(self.texts()), 800)
        # What the file had was not asked for again.
        self.assertLessEqual(len(server.given()), 800 + 3 * 8 * 4)
        self.assertEqual(len(set(server.given())), 800)

    def test_an_interrupt_names_the_line_that_goes_on(self):
        server = self.server(delay=30)
        with subprocess.Popen(self.command(*self.words(server, "--model", "writer")), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            while not server.log:
                time.sleep(.01)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=10)[1]
        self.assertEqual(process.returncode, 130)
        self.assertIn(" generate --dataset", said)

    def test_choices_are_counted(self):
        # Ollama ignores `n`, llama.cpp refuses what is more than it runs at once, others give as many as they can.
        for how in ({"n_max": 1}, {"n_max": 3}, {"n_max": 1, "n_refused": True}):
            with self.subTest(how):
                server, file = self.server(**how), self.folder / f"{len(how)}{how['n_max']}.jsonl"
                done = self.draw(server, "--in-flight", "2", n=40, file=file)
                self.assertEqual(len(self.texts(file)), 80)
                self.assert_nothing_twice(server)
                self.assertEqual(len(set(server.given())), 80)
                self.assertIn(f"the server gives {how['n_max'] if 'n_refused' not in how else 1} answer", done.stderr)

    def test_seeds_never_overlap(self):
        seeds = []
        for seed in ("1", "2"):
            server = self.server()
            self.draw(server, "--seed", seed, "--per-request", "7", n=20, file=self.folder / f"{seed}.jsonl")
            self.draw(server, "--seed", seed, n=33, file=self.folder / f"{seed}.jsonl")
            seeds += [seed for entry in server.log for _, seed in questions(entry["request"])]
        self.assertEqual(len(seeds), 2 * 2 * 33)
        self.assertEqual(len(seeds), len(set(seeds)))
        server = self.server(refuses=["seed"])
        self.assertIn("takes no `seed`", self.draw(server, n=20).stderr)
        self.assertEqual({row["seed"] for row in self.rows()}, {None})
        self.assertEqual(len(self.texts()), 40)

    def test_what_is_sent_is_kept(self):
        server = self.server()
        template = self.folder / "ask.txt"
        template.write_text("{task_id}: write {entry_point} in {language}, {} {other}\n{prompt}")
        system = self.folder / "system.txt"
        system.write_text("You write programs.")
        self.draw(server, "--template", template, "--system", system, "--temperature", "0.4", "--top-p", "0.9", "--stop", "\\n\\n",
                  "--max-tokens", "77", "--name", "mine", n=2)
        request = next(entry["request"] for entry in server.log if "Own/1" in str(entry["request"]))
        self.assertEqual(request["messages"], [
            {"role": "system", "content": "You write programs."},
            {"role": "user", "content": "Own/1: write double in python, {} {other}\ndef double(x):\n"}])
        self.assertEqual((request["temperature"], request["top_p"], request["stop"], request["max_tokens"], request["n"]),
                         (.4, .9, ["\n\n"], 77, 2))
        row = self.rows()[0]
        self.assertEqual((row["temperature"], row["top_p"], row["finish_reason"], row["model"], row["served_model"], row["choices"]),
                         (.4, .9, "stop", "mine", "writer-2026", 2))
        self.assertEqual(sum(one["prompt_tokens"] for one in self.rows()), 14)  # once for a request
        self.assertEqual(sum(one["completion_tokens"] for one in self.rows()), 40)
        beside = json.loads((self.folder / "drawn.jsonl.generation.json").read_text())
        self.assertEqual(beside["template"], template.read_text())
        self.assertEqual(beside["template_sha256"], row["template"])
        # Another way of drawing is another file.
        said = self.draw(server, "--temperature", "0.5", "--template", template, "--name", "mine", code=1).stderr
        for word in ("temperature is 0.4 there and 0.5 here", "name another file"):
            self.assertIn(word, said)
        self.assertEqual(len(self.texts()), 4)

    def test_completions(self):
        server = self.server()
        done = self.draw(server, "--form", "completions", n=3)
        self.assertEqual({entry["path"] for entry in server.log}, {"/v1/completions"})
        self.assertEqual({entry["request"]["prompt"] for entry in server.log}, {"def largest(numbers):\n", "def double(x):\n"})
        self.assertIn("completion", self.rows()[0])
        self.assertNotIn("--extract", done.stderr)

    def test_thought_alone_and_cut_programs_are_answers(self):
        def rule(prompt, seed):
            if seed % 3 == 0:
                return REASONED
            return ("def largest(numb", "length") if seed % 3 == 1 else (None, "content_filter")
        server = self.server(rule=rule)
        said = json.loads(self.draw(server, "--json", n=30).stdout)
        self.assertEqual(said["now"]["samples"], 60)
        reasons = [row["finish_reason"] for row in self.rows()]
        self.assertEqual((said["now"]["cut"], said["now"]["filtered"]), (reasons.count("length"), reasons.count("content_filter")))
        silent = [row for row in self.rows() if not row["solution"]]
        self.assertEqual(said["now"]["silent"], len(silent))
        self.assertEqual({row["reasoning"] for row in silent if row["finish_reason"] == "length"}, {"hm, hm"})
        self.assert_nothing_twice(server)
        self.assertIn("a cut program is not a wrong one", self.draw(server, n=30).stdout)

    def test_errors_that_last_and_errors_that_pass(self):
        # A prompt that is too long is that prompt's error: it is asked once, the rest is drawn.
        long = {"error": {"message": "This model's maximum context length is 10 tokens. Your prompt has 20 tokens."}}
        server = self.server(error=lambda request, _: (400, long) if "largest" in str(request["messages"]) else None)
        done = self.draw(server, "--in-flight", "1", "--per-request", "5", n=20, code=3)
        self.assertEqual({task for task, _ in self.texts()}, {"Own/1"})
        self.assertEqual(len([1 for entry in server.log if "largest" in str(entry["request"])]), 1)
        self.assertIn("20 of Own/0: HTTP 400: This model's maximum context length", done.stderr)
        # A quota that is used up ends it at once; what came before is kept.
        quota = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
        server = self.server(error=lambda _, requests: (429, quota) if requests > 3 else None)
        file = self.folder / "quota.jsonl"
        done = self.draw(server, "--in-flight", "1", "--per-request", "5", n=40, file=file, code=1)
        self.assertIn("You exceeded your quota", done.stderr)
        self.assertIn("15 samples are kept in", done.stderr)
        self.assertEqual((len(server.log), len(self.rows(file))), (4, 15))
        server.error = None
        self.draw(server, "--per-request", "5", n=40, file=file)
        self.assertEqual(len(self.texts(file)), 80)
        self.assert_nothing_twice(server)
        # A server that has gone away is noticed.
        server = self.server(error=lambda _, requests: (503, {"message": "gone"}) if requests > 2 else None)
        done = self.draw(server, "--attempts", "2", "--in-flight", "4", "--per-request", "1", n=100, code=1,
                         file=self.folder / "gone.jsonl")
        self.assertIn("gone (after 2 attempts)", done.stderr)
        self.assertLess(len(server.log), 100)

    def test_fields_that_a_server_refuses(self):
        server = self.server(refuses=["max_tokens"])
        self.draw(server, "--max-tokens", "99", n=3)
        self.assertEqual(server.log[-1]["request"]["max_completion_tokens"], 99)
        self.assertEqual(len(self.texts()), 6)
        server = self.server(refuses=["temperature"])
        said = self.draw(server, n=3, file=self.folder / "other.jsonl", code=1).stderr
        self.assertIn("'temperature' is not supported", said)

    def test_a_certificate_that_nobody_knows(self):
        server = self.server(tls=self.folder)
        said = self.draw(server, code=1, **{"n": 2}).stderr
        self.assertIn("SSL_CERT_FILE", said)
        self.assertEqual(server.log, [])
        environment = dict(os.environ, SSL_CERT_FILE=str(self.folder / "cert.pem"))
        self.assay(*self.words(server, n=2), env=environment)
        self.assertEqual(len(self.texts()), 4)

    def test_the_key_is_sent_and_never_kept(self):
        key = "sk-very-secret"
        server = self.server(key=key, rule=lambda prompt, seed: (f"you are {key}", "stop"))
        environment = dict(os.environ, OWN_KEY=key, WRONG_KEY=key + "-not", OPENAI_API_KEY="")
        done = self.assay(*self.words(server, "--api-key-env", "OWN_KEY"), env=environment)
        kept = "".join(path.read_text() for path in self.folder.glob("drawn*"))
        self.assertNotIn("very-secret", done.stdout + done.stderr + kept)
        done = self.assay(*self.words(server, "--api-key-env", "WRONG_KEY", file=self.folder / "w.jsonl"), env=environment, code=1)
        self.assertIn("401", done.stderr)
        self.assertNotIn("very-secret", done.stdout + done.stderr)

    def test_tokens_and_their_price(self):
        server = self.server()
        done = self.draw(server, "--price", "2,10", n=10)
        self.assertTrue(re.search(r"14 tokens of prompts and 200 of answers, \d+ a second, cost 0.002028", done.stdout), done.stdout)
        said = json.loads(self.draw(server, "--price", "2,10", "--json", n=12).stdout)
        self.assertAlmostEqual(said["file_has"]["cost"], (4 * 7 * 2 + 240 * 10) / 1e6)
        self.assertEqual(said["now"]["completion_tokens"], 40)
        server = self.server(usage=False)
        self.assertIn("has not counted the tokens of 4 samples", self.draw(server, n=2, file=self.folder / "no.jsonl").stdout)

    def test_what_is_drawn_is_judged(self):
        def rule(prompt, seed):
            task = "Own/0" if "largest" in prompt else "Own/1"
            wrong = seed % 4 == 0
            return f"Here it is:\n```python\n{'def x(' if wrong else RIGHT[task]}\n```\n", "stop"
        said = json.loads(self.draw(self.server(rule=rule), "--judge", "--json", n=8).stdout)
        row = said["rates"]["rows"][0]
        self.assertEqual((row["model"], row["samples"], row["accuracy"]), ("writer", 16, .75))

    def until(self, rule, n, *options):
        """Of 30 problems ten are always solved, ten never, ten in half of the samples. Samples by problem, and the server."""
        def solve(prompt, seed):
            i = int(re.search(r"add_(\d+)", prompt)[1])
            right = i < 10 or i >= 20 and draw("half", prompt, seed) < .5
            return f"```python\ndef add_{i}(x):\n    return x + {i if right else i + 1}\n```", "stop"
        server = self.server(rule=solve)
        done = self.draw(server, "--until", rule, "--seed", "3", *options, dataset=self.write("thirty.jsonl", PROBLEMS[:30]), n=n)
        self.assert_nothing_twice(server)
        counts = collections.Counter(row["task_id"] for row in self.rows())
        return [counts[f"Many/{i}"] for i in range(30)], server, done

    def test_drawing_ends_where_the_interval_is_narrow(self):
        n = next(n for n in range(5, 100, 5) if 1 - (.05 / (n + 1)) ** (1 / n) <= .3)  # of n successes, or failures, in n
        counts, server, done = self.until("width=.3", 40, "--round", "5")
        self.assertEqual(counts[:20], [n] * 20)
        self.assertEqual(counts[20:], [40] * 10)  # in the middle it is wider than that
        self.assertIn("20 of 30 problems had enough", done.stderr)
        self.assertEqual(self.json("rates")["rows"][0]["samples"], 20 * n + 400)
        asked = len(server.log)
        again = self.draw(server, "--until", "width=.3", "--seed", "3", "--round", "5", dataset=self.folder / "thirty.jsonl", n=40)
        self.assertEqual(len(server.log), asked)
        self.assertIn("20 of 30 problems had enough", again.stderr)

    def test_drawing_ends_where_no_more_samples_are_worth_their_price(self):
        """The solved ones end with the first round, the hopeless ones where the belief has fallen low enough, sooner the dearer a sample is."""
        ends = []
        for price in ("worth=1,.002", "worth=1,.1"):
            self.file = self.folder / f"{price}.jsonl"
            self.db = self.folder / f"{price}.db"
            counts, _, _ = self.until(price, 64, "--round", "4")
            self.assertEqual(counts[:10], [4] * 10)
            self.assertTrue(all(4 <= count < 64 for count in counts))
            self.assertEqual(len(set(counts[10:20])), 1)
            ends.append(counts[10])
        self.assertGreater(ends[0], ends[1])

    def test_until_says_what_it_takes(self):
        for rule in ("width", "width=2", "worth=1", "worth=1,0", "never"):
            done = self.draw(self.server(), "--until", rule, code=2)
            self.assertIn("width=.05, or worth=LAMBDA,KAPPA", done.stderr)

    def test_cut_programs_are_told_apart_when_they_are_judged(self):
        # A program that was cut counted as a wrong one, and nothing said that it was cut.
        def rule(prompt, seed):
            task = "Own/0" if "largest" in prompt else "Own/1"
            if seed % 4 == 0:
                return RIGHT[task][:25], "length"
            return RIGHT[task], "length" if seed % 4 == 1 else "stop"
        self.draw(self.server(rule=rule), "--temperature", "0.3", n=8)
        said = self.run_samples(self.file, "--extract")
        row = said["rates"]["rows"][0]
        self.assertEqual((row["finish_reasons"], row["cut_rejected"]), ({"length": 8, "stop": 8}, 4))
        text = self.assay("rates").stdout
        self.assertIn("8 were cut at the greatest length, of which base rejects 4", text)
        self.assertEqual(self.query("SELECT finish_reason, temperature, count(*), count(DISTINCT seed) FROM generation GROUP BY 1"),
                         [("length", .3, 8, 2), ("stop", .3, 8, 2)])  # a seed a request
        [(text, hashed)] = self.query("SELECT text, hash FROM template")
        self.assertIn("```{language}\n{prompt}", text)
        self.assertEqual(self.query("SELECT DISTINCT template FROM generation"), [(hashed,)])
        # What other people's rows have under these keys refuses nothing.
        other = self.write("other.jsonl", [{"task_id": "Own/0", "solution": RIGHT["Own/0"], "finish_reason": ["?"], "seed": "x"}])
        self.assertEqual(self.run_samples(other)["run"]["bad"], 0)

    def test_what_a_user_gets_wrong_is_said(self):
        server = self.server()
        bare = self.folder / "bare.txt"
        bare.write_text("Write it!")
        for options, code, words in [
                (("--template", bare), 1, ["{prompt}", "bare.txt"]),
                (("--model", "poet"), 1, ["404", "the server has the models writer"]),
                (("--price", "3"), 2, ["IN,OUT"]),
                (("--task", "Own/9"), 2, ["no such problem"]),
                (("--system", bare, "--form", "completions"), 2, ["--form chat"])]:
            said = self.draw(server, *options, code=code).stderr
            for word in words:
                self.assertIn(word, said)
        self.file.write_text("notes\n")
        self.assertIn(":1:", self.draw(server, code=1).stderr)
        self.assertEqual(self.file.read_text(), "notes\n")
        self.file.unlink()
        self.draw(server, n=1)
        (self.folder / "drawn.jsonl.generation.json").unlink()
        self.assertIn("does not say how they were drawn", self.draw(server, code=1).stderr)
        self.assay("run", "--dataset", self.dataset, "--samples", self.file)
        self.assertIn("is the database", self.draw(server, file=self.db, code=2).stderr)
        said = self.assay("generate", "--dataset", self.dataset, "--endpoint", "ftp://x", "-o", self.file, code=2).stderr
        self.assertIn("--endpoint http://HOST", said)


if __name__ == "__main__":
    unittest.main()
