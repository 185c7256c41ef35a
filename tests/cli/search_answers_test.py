#!/usr/bin/env python3
"""`assay search` on benchmarks, on samples that are there and on scores that were recorded: what is right is what `assay run`
says, answers are those of the file, and what is wrong with a file is named by its line."""
import csv
import gzip
import json
import os
import pathlib
import unittest

from endpoint_server import Server, programmer
from support import DATA, PROBLEMS, RIGHT, AssayTest

os.environ.setdefault("ASSAY_DATA", str(DATA))  # where it lies beside the repository, the program is to find it too

BUILTIN = pathlib.Path(__file__).resolve().parents[2] / "datasets" / "builtin" / "problems.jsonl.gz"
LEAN = ("--samples", "2", "--replicates", "100")
WRONG = {"Own/0": "def largest(numbers):\n    return numbers[0]\n", "Own/1": "def double(x):\n    return x + 2\n"}
FALSE = {"Own/0": "def largest(numbers):\n    return max(0, *numbers, 0)\n", "Own/1": "def double(x):\n    return x + x if x > 0 else 9\n"}


class Answers(AssayTest):
    def search(self, *options, task=None, **how):
        options = (*options, *(LEAN if "--samples" not in options else LEAN[2:]))
        return json.loads(self.assay("search", "--task", task or self.dataset, "--json", *options, **how).stdout)

    def refused(self, *options, task=None, code=1):
        return self.assay("search", "--task", task or self.dataset, *LEAN, *options, code=code).stderr

    def four(self, **columns):
        """A sample file: of each problem two right ones, one that the proxy accepts, and one that is wrong."""
        rows = []
        for problem in PROBLEMS:
            task, head = problem["task_id"], problem["prompt"]
            for k, text in enumerate([RIGHT[task], FALSE[task], WRONG[task]]):
                rows.append({"task_id": task, "sample_id": str(k), "solution": text, **columns})
            body = problem["reference"][len(head):]
            rows.append({"task_id": task, "sample_id": "3", "completion": body + "\nprint('and more'\n", **columns})
        return self.write("four.jsonl", rows)

    def truths(self, *options, task=None, samples=None, judged=()):
        """By problem and program, what a search of `samples` takes for right, and what a run of them does."""
        samples = samples or self.four()
        self.assay("search", "--task", task or self.dataset, "--policy", f"samples:{samples}", "--strategy", "sample", "--n", "1",
                   *LEAN, *options)
        extract = ["--extract"] if "--extract" in options else []
        self.assay("run", "--dataset", task or self.dataset, "--samples", samples, "--full", *extract, *judged)
        searched = {(name, text): truth for name, text, truth in self.query("SELECT task_id, answer, truth FROM search_answer")}
        run = {(name, text.rstrip()): float(passed == suites) for name, text, passed, suites in self.query("""
            SELECT problem.task_id, program.text, sum(verdict.status = 'pass'), count(*)
            FROM problem JOIN suite ON suite.problem_id = problem.id JOIN verdict ON verdict.suite_id = suite.id
                 JOIN program ON program.id = verdict.program_id
            WHERE suite.name IN ('base', 'plus') GROUP BY problem.id, program.id""")}
        return searched, run

    def test_what_is_right_is_what_a_run_says(self):
        searched, run = self.truths("--repeat", "200")
        self.assertEqual(searched, run)
        self.assertEqual(len(run), 8)
        self.assertEqual(sum(run.values()), 4)

    def test_chat_texts_are_read_as_a_run_reads_them(self):
        rows = []
        for problem in PROBLEMS:
            task = problem["task_id"]
            for k, text in enumerate([RIGHT[task], WRONG[task], "I cannot do that."]):
                text = f"Of course:\n```python\n{text}```\nIt prints 3." if "def" in text else text
                rows.append({"task_id": task, "sample_id": str(k), "solution": text})
        searched, run = self.truths("--repeat", "100", "--extract", samples=self.write("chat.jsonl", rows))
        self.assertEqual({key: truth for key, truth in searched.items() if key[1]}, {key: truth for key, truth in run.items() if key[1]})
        self.assertEqual(sorted(searched.values()), [0, 0, 0, 0, 1, 1])

    def test_public_samples_are_as_right_as_a_run_says(self):
        path = DATA / "samples" / "humaneval-gpt-4-n1.jsonl.gz"
        if not path.exists():
            self.skipTest("no ../shared/data")
        searched, run = self.truths(task="humaneval", samples=path)
        self.assertEqual(len(searched), 164)
        self.assertEqual(searched, run)
        self.assertGreater(sum(run.values()), 100)

    def test_public_completions_are_as_right_as_a_run_says(self):
        path = DATA / "samples" / "humaneval-codex-davinci-002-n20.jsonl.gz"
        if not path.exists():
            self.skipTest("no ../shared/data")
        first = {}
        with gzip.open(path, "rt", encoding="utf-8") as rows:
            for row in map(json.loads, rows):
                first.setdefault(row["task_id"], row)
        samples = self.write("first.jsonl", first.values())
        self.assertIn("3 of 164 problems of humaneval have no sample in it; the first is HumanEval/32",
                      self.refused("--policy", f"samples:{samples}", task="humaneval"))
        searched, run = self.truths("--only-sampled", task="humaneval", samples=samples)
        self.assertEqual(len(searched), 161)
        self.assertEqual(searched, run)

    def test_samples_of_the_program_itself(self):
        searched, run = self.truths("--repeat", "3", "--problems", "2", task="builtin", samples="builtin",
                                    judged=("--task", "Builtin/0,Builtin/1"))
        self.assertGreater(len(searched), 4)
        self.assertLessEqual(searched.items(), run.items())

    def test_strategies_on_samples(self):
        policy = ("--policy", f"samples:{self.four()}")
        rows = self.search(*policy, "--strategy", "greedy,sample,majority,best-of,first-accepted", "--n", "32", "--repeat", "50",
                           "--verifier", "suite:base")["rows"]
        accuracy = {row["strategy"]: row["accuracy"] for row in rows}
        self.assertEqual(accuracy["greedy"], 1)  # the first sample
        self.assertAlmostEqual(accuracy["sample"], .5, delta=.2)
        self.assertAlmostEqual(accuracy["best-of"], 2 / 3, delta=.2)  # the proxy accepts three of four, two of them right
        for row in rows:
            self.assertEqual(row["abstained"], 0)
            self.assertGreater(row["tokens"], 0)
        again = self.search(*policy, "--strategy", "sample", "--n", "1", "-j", "1", "--repeat", "50", "--db", self.folder / "b.db")
        once = self.search(*policy, "--strategy", "sample", "--n", "1", "-j", "3", "--repeat", "50", "--db", self.folder / "c.db")
        self.assertEqual(again["rows"], once["rows"])
        truth = self.search(*policy, "--strategy", "best-of", "--n", "64", "--verifier", "truth")["rows"][0]
        self.assertEqual((truth["accuracy"], truth["fdr"]), (1, 0))

    def test_gold_is_what_is_asked_for(self):
        policy = ("--policy", f"samples:{self.four()}", "--strategy", "best-of", "--n", "64", "--verifier", "suite:base")
        row = self.search(*policy, "--gold", "base")["rows"][0]
        self.assertEqual(row["accuracy"], 1)
        self.assertLess(self.search(*policy, "--repeat", "40")["rows"][0]["accuracy"], 1)
        said = self.refused(*policy, "--gold", "bass", code=2)
        self.assertIn("--gold bass: no problem of dataset own has it; it has official, base, plus", said)

    def test_whole_answers_only_is_said(self):
        policy = ("--policy", f"samples:{self.four()}")
        done = self.assay("search", "--task", self.dataset, *policy, *LEAN, "--n", "1", "--json")
        self.assertIn("whole answers only", done.stderr)
        self.assertEqual([row["strategy"] for row in json.loads(done.stdout)["rows"]], ["greedy", "sample", "majority", "best-of"])
        self.assertIn("particle needs a policy that goes on from a prefix", self.refused(*policy, "--strategy", "particle"))

    def test_samples_that_are_missing_or_wrong(self):
        own = [{"task_id": "Own/0", "solution": RIGHT["Own/0"]}]
        path = self.write("some.jsonl", own)
        said = self.refused("--policy", f"samples:{path}")
        for word in ("1 of 2 problems", "has no sample", "Own/1", "--only-sampled"):
            self.assertIn(word, said)
        done = self.assay("search", "--task", self.dataset, "--policy", f"samples:{path}", "--only-sampled", *LEAN)
        self.assertIn("1 of the 2 problems are left out", done.stderr)
        path = self.write("more.jsonl", own + [{"task_id": "Own/1", "solution": "x"}, {"task_id": "Own/7", "solution": "x"}, {"task_id": 1}])
        said = self.assay("search", "--task", self.dataset, "--policy", f"samples:{path}", *LEAN).stderr
        self.assertIn("1 rows cannot be read", said)
        self.assertIn(":4: neither", said)
        self.assertIn("1 samples are of problems that are not tried, such as Own/7", said)
        path = self.write("twice.jsonl", [dict(own[0], sample_id="a"), dict(own[0], sample_id="a", solution="x")])
        self.assertIn("twice.jsonl:2: sample a of Own/0 comes with another text before", self.refused("--policy", f"samples:{path}"))
        path = self.write("others.jsonl", [{"task_id": "Mbpp/2", "solution": "x"}])
        self.assertIn("is --task right", self.refused("--policy", f"samples:{path}"))
        self.assertIn("--only-sampled", self.refused("--only-sampled", code=2))
        self.assertIn("no such file", self.refused("--policy", "samples:nowhere.jsonl").lower())

    def test_rows_with_neither_an_answer_nor_a_suite(self):
        path = self.write("bare.jsonl", [{"task_id": "a", "prompt": "?"}])
        said = self.refused("--policy", "endpoint:http://127.0.0.1:1", task=path)
        for word in (":1:", "no `answer`", "no suite", "`suites`", "entry_point", "has prompt, task_id"):
            self.assertIn(word, said)
        self.assertIn("--gold", self.refused("--gold", "plus", task=self.write("a.jsonl", [{"task_id": "a", "prompt": "?", "answer": 1}]), code=2))

    # ---- recorded scores

    def scores(self, name="scores.jsonl", bad=(), **columns):
        """.9, .8, .1 and none for the four samples of each problem."""
        rows = [{"task_id": problem["task_id"], "sample_id": str(k), "score": score, **columns}
                for problem in PROBLEMS for k, score in enumerate([.9, .8, .1, None])]
        return self.write(name, rows + list(bad))

    def test_recorded_scores(self):
        policy = ("--policy", f"samples:{self.four()}")
        said = self.search(*policy, "--verifier", f"recorded:{self.scores()}", "--strategy", "best-of,first-accepted[threshold=0.85]",
                           "--n", "64", "--samples", "200")
        for row in said["rows"]:
            self.assertEqual((row["accuracy"], row["fdr"]), (1, 0))
        answers = said["verifiers"][0]
        self.assertEqual(answers["n"] + answers["not_judged"], 400)
        self.assertAlmostEqual(answers["not_judged"], 100, delta=40)
        self.assertEqual((answers["auc"], answers["tpr"]), (1, 1))
        self.assertAlmostEqual(answers["fpr"], .5, delta=.15)
        # The same as a table, with columns that nobody asked for, packed, with models and with rows of other samples.
        with gzip.open(self.folder / "scores.csv.gz", "wt", newline="", encoding="utf-8") as out:
            table = csv.writer(out)
            table.writerow(["remark", "sample_id", "judge", "task_id", "model"])
            for row in map(json.loads, self.scores().read_text().splitlines()):
                table.writerow(["a, b", row["sample_id"], row["score"], row["task_id"], "four"])
            table.writerow(["", "17", "1", "Own/0", ""])
            table.writerow(["", "0", "1", "Other/0", ""])
        done = self.assay("search", "--task", self.dataset, *policy, "--verifier", f"recorded:{self.folder}/scores.csv.gz,judge",
                          "--strategy", "best-of", "--n", "64", "--samples", "200", "--replicates", "100", "--json")
        self.assertIn("2 of its 10 rows are of samples that are not tried", done.stderr)
        measured = json.loads(done.stdout)["verifiers"][0]
        self.assertEqual({**measured, "name": ""}, {**answers, "name": ""})

    def test_scores_on_another_scale(self):
        path = self.write("raw.jsonl", [{"task_id": f"Own/{p}", "sample_id": k, "score": 4 - 3 * k} for p in range(2) for k in range(3)])
        policy = ("--policy", f"samples:{self.four()}", "--problems", "1", "--strategy", "best-of", "--n", "64")
        said = self.refused(*policy, "--verifier", f"recorded:{path}")
        for word in ("raw.jsonl:1:", "is 4", "0 to 1", "+calibrated"):
            self.assertIn(word, said)
        self.assertIn("raw.jsonl:1:", self.refused(*policy, "--verifier", f"recorded:{path}+noise=1+calibrated"))
        said = self.search(*policy, "--verifier", f"recorded:{path}+calibrated", "--samples", "64")
        self.assertEqual(said["rows"][0]["accuracy"], 1)

    def test_wrong_files_of_scores(self):
        policy = ("--policy", f"samples:{self.four()}")
        for bad, words in [({"task_id": "Own/0", "sample_id": "9"}, [":9:", "no \"score\"", "COLUMN"]),
                           ({"task_id": "Own/0", "score": 1}, [":9:", "sample_id"]),
                           ({"task_id": "Own/0", "sample_id": "0", "score": "good"}, [":9:", "no number"]),
                           ({"task_id": "Own/0", "sample_id": "0", "score": float("nan")}, [":9:", "no number"]),
                           ({"task_id": "Own/0", "sample_id": "0", "score": True}, [":9:", "no number"]),
                           ({"task_id": "Own/0", "sample_id": "0", "score": -.1}, [":9:", "is -0.1", "0 to 1"]),
                           ({"task_id": "Own/0", "sample_id": "0", "score": 1}, [":9:", "comes twice"])]:
            said = self.refused(*policy, "--verifier", f"recorded:{self.scores(bad=[bad])}")
            for word in words:
                self.assertIn(word, said)
        table = self.folder / "scores.csv"
        table.write_text("task_id,sample_id,judge\nOwn/0,0,1\n")
        self.assertIn("scores.csv:1: the header lacks the column score", self.refused(*policy, "--verifier", f"recorded:{table}"))
        table.write_text("task_id,sample_id,score\nOwn/0,0,.5\nOwn/0,1,2\n")
        self.assertIn("scores.csv:3:", self.refused(*policy, "--verifier", f"recorded:{table}"))
        table.write_text("task_id,sample_id,score\nOwn/0,77,.5\n")
        self.assertIn("none of its 1 rows", self.refused(*policy, "--verifier", f"recorded:{table}"))
        self.assertIn("--policy samples:FILE", self.refused("--verifier", f"recorded:{table}", "--problems", "2", task="list", code=2))

    def test_scores_of_several_models(self):
        rows = [json.loads(line) for line in self.four().read_text().splitlines()]
        samples = self.write("models.jsonl", [dict(row, model=model) for model in "ab" for row in rows])
        policy = ("--policy", f"samples:{samples}", "--strategy", "best-of", "--n", "64")
        self.assertIn("of several models", self.refused(*policy, "--verifier", f"recorded:{self.scores()}"))
        said = self.search(*policy, "--verifier", f"recorded:{self.scores(model='a')}", "--samples", "200")
        self.assertEqual(said["rows"][0]["accuracy"], 1)
        self.assertAlmostEqual(said["verifiers"][0]["not_judged"], 250, delta=50)  # five of eight

    # ---- a benchmark by a server, a line a step

    def bodies(self, dataset):
        """The bodies of right programs by prompt, of ten problems."""
        if dataset == "humaneval":
            path = DATA / "benchmarks" / "HumanEval.jsonl.gz"
            if not path.exists():
                self.skipTest("no ../shared/data")
            with gzip.open(path, "rt", encoding="utf-8") as rows:
                return {row["prompt"]: row["canonical_solution"] for row in map(json.loads, list(rows)[:10])}
        with gzip.open(BUILTIN, "rt", encoding="utf-8") as rows:
            rows = [json.loads(line) for line in list(rows)[:10]]
        self.assertTrue(all(row["reference"].startswith(row["prompt"]) for row in rows))
        return {row["prompt"]: row["reference"][len(row["prompt"]):] for row in rows}

    def by_server(self, bodies, *options, kind="vllm", **how):
        server = Server(rule=programmer(bodies), kind=kind)
        self.addCleanup(server.close)
        return server, self.search("--policy", f"endpoint:{server.url}", *options, **how)

    def test_a_line_a_step(self):
        options = ("--problems", "10", "--strategy", "greedy,sample,best-of,particle", "--n", "8", "--repeat", "2")
        for dataset, kind in (("builtin", "vllm"), ("humaneval", "vllm"), ("humaneval", "openai")):
            with self.subTest(f"{dataset} {kind}"):
                bodies = self.bodies(dataset)
                server, said = self.by_server(bodies, *options, "--db", self.folder / f"{dataset}{kind}.db", task=dataset, kind=kind)
                accuracy = {row["strategy"]: row["accuracy"] for row in said["rows"]}
                self.assertEqual(accuracy["greedy"], 1)
                self.assertLess(accuracy["sample"], .9)
                self.assertGreater(accuracy["best-of"], accuracy["sample"])
                self.assertGreater(accuracy["particle"], accuracy["sample"])
                # A completion ends where the next statement begins at the margin, though the model would go on.
                longest = max(entry["request"]["prompt"].count("and more") for entry in server.log)
                self.assertEqual(longest, 0)


if __name__ == "__main__":
    unittest.main()
