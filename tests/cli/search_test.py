#!/usr/bin/env python3
"""`assay search` on explicit tables and tasks: what it prints is what the table says, it goes on where it was killed, and bad
tables are named by problem and key."""
import contextlib
import json
import random
import sqlite3
import subprocess
import time
import unittest

from support import AssayTest


def table(seed, problems=20, symbols=3, steps=2):
    """Everything at random; one sequence of three is right, and its prefixes score higher."""
    dice = random.Random(seed)
    rows = []
    for i in range(problems):
        policy, score, truth = {}, {}, {}
        prefixes = [()]
        for _ in range(steps):
            longer = []
            for prefix in prefixes:
                p = [dice.random() + .1 for _ in range(symbols)]
                policy[",".join(map(str, prefix))] = [x / sum(p) for x in p]
                longer += [prefix + (s,) for s in range(symbols)]
            prefixes = longer
            for prefix in prefixes:
                score[",".join(map(str, prefix))] = round(.1 + .5 * dice.random(), 3)
        for prefix in prefixes:
            if dice.random() < 1 / 3:
                name = ",".join(map(str, prefix))
                truth[name] = 1
                score[name] = round(.6 + .3 * dice.random(), 3)
        rows.append({"task_id": f"T/{i}", "symbols": symbols, "steps": steps, "policy": policy, "score": score, "truth": truth})
    return {"problems": rows}


def with_proposal(data, seed):
    """Each problem with a proposal at random."""
    dice = random.Random(seed)
    for problem in data["problems"]:
        rows = {prefix: [dice.random() + .1 for _ in p] for prefix, p in problem["policy"].items()}
        problem["proposal"] = {prefix: [x / sum(row) for x in row] for prefix, row in rows.items()}
    return data


class Search(AssayTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "table.json"
        self.databases = 0

    def search(self, data, *options):
        """Into a database of its own."""
        self.file.write_text(json.dumps(data), encoding="utf-8")
        self.databases += 1
        database = self.folder / f"search{self.databases}.db"
        return json.loads(self.assay("search", "--task", self.file, "--json", "--db", database, *options).stdout)

    def refused(self, data, *options):
        self.file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        code = 2 if options else 1
        return self.assay("search", "--task", self.file, *options, code=code).stderr

    def test_answers_are_drawn_from_the_enumerated_target(self):
        data = table(1, problems=3)
        said = self.search(data, "--strategy", "sample", "--strategy", "particle[choose=draw,weights=probability]", "--n", "1,256",
                           "--repeat", "400", "--exact")
        for row in said["rows"]:
            if row["strategy"].startswith("particle") and row["n"] == 1:
                continue
            for problem in data["problems"]:
                counts, exact = row["answers"][problem["task_id"]], row["exact"][problem["task_id"]]
                self.assertEqual(sum(counts.values()), 400)
                names = set(counts) | set(exact["target"])
                distance = sum(abs(counts.get(n, 0) / 400 - exact["target"].get(n, 0)) for n in names) / 2
                self.assertLess(distance, .1, (row["strategy"], problem["task_id"]))
                self.assertAlmostEqual(exact["ceiling"], sum(p * problem["truth"].get(n, 0) for n, p in exact["target"].items()))

    def test_particles_from_a_proposal_tend_to_what_they_tend_to_without(self):
        data = with_proposal(table(1, problems=3), 1)
        words = ("--strategy", "sample", "--strategy", "particle[choose=draw,weights=probability]", "--n", "256", "--repeat", "400", "--exact")
        plain, drawn = self.search(data, *words), self.search(data, *words, "--proposal", "table")
        self.assertEqual(plain["rows"][0]["answers"], drawn["rows"][0]["answers"])  # `sample` asks the policy
        self.assertEqual([row["proposal"] for row in plain["rows"]], [None, None])
        self.assertEqual([row["proposal"] for row in drawn["rows"]], [None, "table"])
        row = drawn["rows"][1]
        self.assertEqual(row["exact"], plain["rows"][1]["exact"])
        self.assertEqual(row["tokens_scored"], row["tokens"])
        self.assertEqual((drawn["rows"][0]["tokens_scored"], plain["rows"][1]["tokens_scored"]), (0, 0))
        self.assertNotEqual(row["answers"], plain["rows"][1]["answers"])
        self.assertAlmostEqual(row["log_z"], plain["rows"][1]["log_z"], delta=.02)
        for problem in data["problems"]:
            counts, exact = row["answers"][problem["task_id"]], row["exact"][problem["task_id"]]
            names = set(counts) | set(exact["target"])
            distance = sum(abs(counts.get(n, 0) / 400 - exact["target"].get(n, 0)) for n in names) / 2
            self.assertLess(distance, .1, problem["task_id"])

    def test_a_search_with_a_proposal_is_another_search(self):
        self.file.write_text(json.dumps(with_proposal(table(2, problems=4), 2)), encoding="utf-8")

        def search(*options):
            said = json.loads(self.assay("search", "--task", self.file, "--strategy", "particle", "--n", "4", "--repeat", "3", "--json",
                                         "--db", self.folder / "proposed.db", *options).stdout)
            return said.pop("recalled"), said
        ways = [(), ("--proposal", "table"), ("--proposal", "table", "--proposal-temperature", "2")]
        first, again = [[search(*way) for way in ways] for _ in range(2)]
        self.assertEqual([recalled for recalled, _ in first], [0, 0, 0])
        self.assertEqual([recalled for recalled, _ in again], [12, 12, 12])
        self.assertEqual([said for _, said in again], [said for _, said in first])
        with contextlib.closing(sqlite3.connect(self.folder / "proposed.db")) as connection:
            kept = [json.loads(row[0]) for row in connection.execute("SELECT options FROM search ORDER BY id")]
        self.assertEqual([one.get("proposal") for one in kept], [None, "table", "table"])

    def test_a_model_that_is_its_own_proposal_answers_as_without_one(self):
        model, other = self.folder / "model.gpt", self.folder / "chains.gpt"
        small = ["--steps", "20", "--batch", "16", "--dim", "16", "--hidden", "32", "--layers", "1", "--heads", "2", "--kv-heads", "2", "-j", "1"]
        self.assay("train", "base", "--task", "symbols", *small, "-o", model)
        self.assay("train", "base", "--task", "chains", "--problems", "4", *small, "-o", other)
        words = ["search", "--task", "symbols", "--policy", f"gpt:{model}", "--strategy", "particle[choose=draw],gibbs", "--n", "1,8",
                 "--repeat", "30", "--samples", "4", "--json", "--db", self.folder / "models.db"]
        plain = json.loads(self.assay(*words).stdout)
        drawn = json.loads(self.assay(*words, "--proposal", f"gpt:{model}").stdout)
        for row in drawn["rows"]:
            self.assertEqual(row.pop("proposal"), f"gpt:{model}")
            self.assertEqual(row.pop("tokens_scored"), row["tokens"])
        for row in plain["rows"]:
            self.assertEqual((row.pop("proposal"), row.pop("tokens_scored")), (None, 0))
        self.assertEqual(drawn, plain)
        # A model file of the same name with other weights is another proposal.
        proposal = self.folder / "proposal.gpt"
        proposal.write_bytes(model.read_bytes())
        again = [*words, "--proposal", f"gpt:{proposal}"]
        self.assertEqual(json.loads(self.assay(*again).stdout)["rows"][0]["accuracy"], plain["rows"][0]["accuracy"])
        self.assay("train", "base", "--task", "symbols", *small, "--seed", "2", "--force", "-o", proposal)
        self.assertEqual(json.loads(self.assay(*again).stdout)["recalled"], 0)
        self.assertIn("other tokens", self.assay(*words, "--proposal", f"gpt:{other}", code=2).stderr)

    def test_arithmetic_is_answered_with_a_calculator_and_its_right_chains_are_told_apart(self):
        model = self.folder / "arithmetic.gpt"
        self.assay("train", "base", "--task", "arithmetic", "--steps", "300", "--batch", "32", "--dim", "32", "--hidden", "64", "--layers", "1",
                   "--problems", "3", "-j", "1", "-o", model)
        words = ["search", "--task", "arithmetic", "--problems", "30", "--policy", f"gpt:{model}", "--samples", "8", "--json", "--db",
                 self.folder / "arithmetic.db"]
        drawn = [*words, "--strategy", "particle[ess=0,choose=draw],best-of", "--n", "1,16", "--repeat", "4"]

        def rows(*options):
            return json.loads(self.assay(*drawn, *options).stdout)
        known = rows("--verifier", "answer")
        for row in known["rows"]:
            self.assertEqual(row["accepted"], row["accuracy"])
        self.assertGreater(known["rows"][3]["accuracy"], .2)
        self.assertEqual((known["verifiers"][0]["tpr"], known["verifiers"][0]["fpr"]), (1, 0))
        # The same answers, of which those behind another chain than the right one are wrong now.
        chains = rows("--verifier", "answer", "--gold", "chain")
        self.assertEqual([row["accepted"] for row in chains["rows"]], [row["accepted"] for row in known["rows"]])
        self.assertTrue(all(0 < row["accuracy"] < row["accepted"] for row in chains["rows"] if row["n"] == 16))
        self.assertGreater(chains["verifiers"][0]["fpr"], 0)
        # A chain whose results the model had to write itself would mostly be inconsistent.
        own = rows()
        self.assertEqual({row["verifier"] for row in own["rows"]}, {"consistent"})
        self.assertTrue(all(row["accepted"] > .5 for row in own["rows"] if row["n"] == 16))
        itself = rows("--proposal", f"gpt:{model}")
        for row, again in zip(own["rows"], itself["rows"]):
            self.assertEqual((row["answers"], row["tokens"], row["accepted"]), (again["answers"], again["tokens"], again["accepted"]))
        self.assertIn("behind a server nobody does that",
                      self.assay("search", "--task", "arithmetic", "--policy", "endpoint:http://127.0.0.1:9", code=2).stderr)
        self.assertIn("there is answer, and chain", self.assay(*words, "--gold", "plus", code=2).stderr)

    def test_proposals_that_cannot_be_are_refused(self):
        data = table(3, problems=2)
        for words, options in [("`proposal`", ("--proposal", "table", "--strategy", "particle")),
                               ("there is table, gpt:FILE", ("--proposal", "tabel", "--strategy", "particle")),
                               ("only particle, entropic-particle, gibbs and tempering",
                                ("--proposal", "table", "--strategy", "best-of,dvts"))]:
            self.file.write_text(json.dumps(data), encoding="utf-8")
            done = self.assay("search", "--task", self.file, *options, code=1 if words == "`proposal`" else 2)
            self.assertIn(words, done.stderr)
        self.assertIn("cannot tell how likely", self.assay("search", "--task", "game24", "--problems", "2", "--strategy", "particle",
                                                           "--proposal", "gpt:none.gpt", code=2).stderr)
        data = with_proposal(data, 3)
        data["problems"][1]["proposal"]["0"] = [.5, .5, .5]
        said = self.refused(data)
        for words in ("T/1", "`proposal`", "prefix 0", "sum to 1.5"):
            self.assertIn(words, said)
        # What it never draws is told, since no weight brings it back.
        data["problems"][1]["proposal"]["0"] = [.5, .5, 0]
        self.file.write_text(json.dumps(data), encoding="utf-8")
        told = self.assay("search", "--task", self.file, "--proposal", "table", "--strategy", "particle", "--n", "2").stderr
        self.assertIn("of problem T/1 it never draws 0,2", told)

    def test_rows_verifiers_scaling_and_what_is_foretold(self):
        said = self.search(table(2), "--strategy", "best-of,dvts,particle", "--n", "1,2,4,8,16", "--repeat", "10")
        self.assertEqual(len(said["rows"]), 15)
        for row in said["rows"]:
            self.assertLessEqual(row["generations"], row["n"])
            self.assertLessEqual(row["accuracy_interval"][0], row["accuracy"])
            self.assertGreaterEqual(row["accuracy_interval"][1], row["accuracy"])
        best = {row["n"]: row["accuracy"] for row in said["rows"] if row["strategy"] == "best-of"}
        foretold = {row["n"]: row["accuracy"] for row in said["predicted"]}
        self.assertEqual(set(foretold), set(best))
        for n, accuracy in foretold.items():
            self.assertAlmostEqual(accuracy, best[n], delta=.1)
        self.assertEqual([v["stage"] for v in said["verifiers"]], ["answer", "prefix", "prefix"])
        self.assertEqual(said["verifiers"][0]["auc_within"], 1)  # every right answer scores higher
        self.assertEqual({s["strategy"] for s in said["scaling"]}, {"best-of", "dvts"})

    def test_under_a_systematic_verifier_the_best_score_falls_behind_the_ceiling(self):
        clean = self.search(table(3), "--strategy", "best-of", "--n", "64", "--repeat", "5")
        fooled = self.search(table(3), "--strategy", "best-of", "--n", "64", "--repeat", "5", "--verifier", "table+systematic=0.4")
        self.assertGreater(clean["rows"][0]["accuracy"], .9)
        self.assertLess(fooled["rows"][0]["accuracy"], .6)
        self.assertIsNone(fooled["rows"][0]["ceiling"])

    def test_the_same_seed_gives_the_same_numbers(self):
        one, two = (self.search(table(4), "--jobs", jobs, "--n", "1,4") for jobs in ("1", "3"))
        self.assertEqual(one, two)
        self.assertNotEqual(one, self.search(table(4), "--seed", "2", "--n", "1,4"))

    def test_a_search_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(self):
        self.file.write_text(json.dumps(table(7, problems=60)), encoding="utf-8")
        command = ["search", "--task", self.file, "--json", "--strategy", "particle,beam", "--n", "2,32", "--repeat", "30",
                   "--samples", "8", "--verifier", "table+noise=1"]
        whole = json.loads(self.assay(*command, "--db", self.folder / "whole.db").stdout)
        self.assertEqual(whole.pop("recalled"), 0)
        killed = self.folder / "killed.db"
        for _ in range(3):
            process = subprocess.Popen(self.command(*command, "--quiet", "--db", killed), stdout=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            before = self.answers(killed)
            while self.answers(killed) <= before and process.poll() is None and time.monotonic() < deadline:
                time.sleep(.02)
            process.kill()
            process.wait()
        kept = self.answers(killed)
        self.assertGreater(kept, 0)
        resumed = json.loads(self.assay(*command, "--db", killed).stdout)
        self.assertGreaterEqual(resumed.pop("recalled"), kept)
        self.assertEqual(resumed, whole)
        again = json.loads(self.assay(*command, "--db", killed).stdout)
        self.assertEqual(again.pop("recalled"), 60 * 30 * 4)
        self.assertEqual(again, whole)
        # More of the same is asked for, and only that is made; another table is another search.
        more = json.loads(self.assay(*command, "--n", "2,4,32", "--db", killed).stdout)
        self.assertEqual(more["recalled"], 60 * 30 * 4)
        self.file.write_text(json.dumps(table(8, problems=60)), encoding="utf-8")
        other = json.loads(self.assay(*command, "--db", killed).stdout)
        self.assertEqual(other["recalled"], 0)

    def answers(self, database):
        if not database.exists():
            return 0
        try:
            with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                return connection.execute("SELECT count(*) FROM search_answer").fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            return 0

    def test_calibrated_on_problems_that_it_is_not_tried_on(self):
        data = table(9, problems=80)
        said = self.search(data, "--problems", "40", "--strategy", "best-of", "--n", "4", "--verifier", "table+calibrated")
        self.assertEqual(said["rows"][0]["problems"], 40)
        self.assertLess(said["verifiers"][0]["ece"], .1)
        self.assertIn("no problems left to calibrate on", self.refused(data, "--verifier", "table+calibrated"))

    def test_game_of_24_on_the_votes_of_a_real_verifier(self):
        said = json.loads(self.assay("search", "--task", "game24", "--problems", "40",
                                     "--strategy", "sample,best-of,particle", "--n", "16", "--json",
                                     "--db", self.folder / "game.db").stdout)
        accuracy = {row["strategy"]: row["accuracy"] for row in said["rows"]}
        self.assertGreater(accuracy["particle"], accuracy["best-of"] + .1)
        ceiling = {row["strategy"]: row["ceiling"] for row in said["rows"]}
        self.assertGreater(ceiling["particle"], .7)
        self.assertLess(ceiling["sample"], .1)
        self.assertEqual([v["step"] for v in said["verifiers"]], [None, 1, 2, 3, 4])

    def test_verifiers_with_a_threshold_or_a_cache(self):
        data = table(10)
        words = ("--strategy", "best-of,particle", "--n", "4", "--samples", "16")
        plain = self.search(data, *words)
        cached = self.search(data, *words, "--verifier", "table+cached")
        for said in (plain, cached):
            for one in said["rows"] + said["verifiers"]:
                for key in ("verifier", "name", "ceiling"):  # no ceiling is enumerated behind a wrapper
                    one.pop(key, None)
        self.assertEqual(cached, plain)
        # Right answers of the table score .6 and more, others at most .6: what accepts is told by them.
        bar = self.search(data, *words, "--verifier", "table+threshold=0.61")["verifiers"][0]
        self.assertEqual(bar["fpr"], 0)
        self.assertGreater(bar["tpr"], .8)
        self.assertAlmostEqual(bar["auc"], (1 + bar["tpr"]) / 2)
        self.assertIn("from 0 to 1", self.refused(data, "--verifier", "table+threshold=2"))
        self.assertIn("+threshold=SCORE", self.refused(data, "--verifier", "table+threshold"))

    def test_top_p_is_another_search_and_none_is_the_search_of_before(self):
        database = self.folder / "top_p.db"

        def search(*options):
            return json.loads(self.assay("search", "--task", "game24", "--problems", "4", "--samples", "2", "--strategy", "sample",
                                         "--n", "1", "--json", "--db", database, *options).stdout)["recalled"]
        self.assertEqual([search(), search("--top-p", "0.9"), search("--top-p", "1"), search("--top-p", "0.9")], [0, 0, 4, 4])
        with contextlib.closing(sqlite3.connect(database)) as connection:
            kept = [json.loads(row[0]) for row in connection.execute("SELECT options FROM search ORDER BY id")]
        self.assertEqual(kept[0], {"answers": 2, "seed": 1, "step": "", "temperature": 1.0, "caps": [], "accept_at": .5})
        self.assertEqual(kept[1], {**kept[0], "top_p": .9})
        self.assertIn("--top-p", self.assay("search", "--task", "game24", "--top-p", "0", code=2).stderr)

    def test_the_samples_of_an_export_are_kept(self):
        database = self.folder / "export.db"
        words = ["search", "--task", "list:1", "--problems", "2", "--samples", "4", "--strategy", "sample", "--n", "1", "--db", database]
        self.assay(*words, "--export", self.folder / "lists")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            self.assertEqual(connection.execute("SELECT count(*) FROM search_sample").fetchone()[0], 8)
        first = (self.folder / "lists" / "samples.jsonl").read_bytes()
        self.assay(*words, "--export", self.folder / "again")
        self.assertEqual((self.folder / "again" / "samples.jsonl").read_bytes(), first)

    def test_a_report_measures_the_verifier_where_the_search_accepted(self):
        # A verifier was measured at .5, whatever --accept-at had been.
        self.file.write_text(json.dumps(table(12)), encoding="utf-8")
        self.assay("search", "--task", self.file, "--strategy", "best-of", "--n", "2", "--accept-at", "0.61")
        text = self.assay("report", "-o", "-", "--format", "markdown").stdout
        self.assertRegex(text, r"which accepts [1-9].*? of the right samples and 0\.0%")

    def test_a_report_of_a_database_with_nothing_but_searches_shows_them(self):
        self.assay("search", "--task", "game24", "--problems", "20", "--strategy", "best-of,particle", "--n", "2,8")
        self.assay("search", "--task", "game24", "--problems", "20", "--strategy", "sample", "--n", "1")
        text = self.assay("report", "-o", "-", "--format", "markdown").stdout
        self.assertIn("Which way of spending compute pays?", text)
        self.assertIn("On 20 problems of game24, particle is right in ", text)
        self.assertIn("game24: proposals under votes", text)
        # Two searches of one name are told apart, and a small trial leaves the others their problems.
        self.assay("search", "--task", "game24", "--problems", "20", "--strategy", "best-of", "--n", "2,8", "--seed", "2")
        self.assay("search", "--task", "game24", "--problems", "3", "--strategy", "majority", "--n", "8")
        text = self.assay("report", "-o", "-", "--format", "markdown").stdout
        self.assertIn("search 1, seed 1", text)
        self.assertIn("search 2, seed 2", text)
        self.assertIn("the most of 3 strategies", text)
        self.assertIn("1 trial of a strategy", text)
        self.assertIn("On 20 problems of game24, particle is right in ", text)
        page = self.folder / "page.html"
        self.assay("report", "-o", page)
        self.assertIn("Right answers by budget", page.read_text(encoding="utf-8"))
        # A report named .md was HTML.
        self.assay("report", "-o", self.folder / "page.md")
        self.assertEqual((self.folder / "page.md").read_text(encoding="utf-8"), text)

    def test_what_is_wrong_is_named(self):
        def spoiled(change):
            data = table(5, problems=2)
            change(data["problems"][1])
            return data

        for change, words in [
                (lambda p: p["policy"].pop("0"), ["problem T/1", "`policy`", "prefix 0"]),
                (lambda p: p["score"].pop("0,1"), ["problem T/1", "`score`", "prefix 0,1"]),
                (lambda p: p["policy"].update({"": [.5, .5, .5]}), ["T/1", "sum to 1.5"]),
                (lambda p: p["policy"].update({"0": [1, 0]}), ["T/1", "prefix 0", "3 probabilities"]),
                (lambda p: p["score"].update({"0": 1.5}), ["T/1", "`score`", "prefix 0", "from 0 to 1"]),
                (lambda p: p["score"].update({"7": .5}), ["T/1", "`7`", "symbols from 0 to 2"]),
                (lambda p: p.update({"task_id": "T/0"}), ["T/0", "twice"]),
                (lambda p: p.update({"stepz": 3}), ["T/1", "`stepz`", "steps"]),
                (lambda p: p["truth"].update({"1": 1}), ["T/1", "`truth`", "prefix 1", "whole sequences"]),
                (lambda p: p.update({"steps": 0}), ["T/1", "`steps`"])]:
            said = self.refused(spoiled(change))
            for word in words:
                self.assertIn(word, said)
        self.assertIn("not JSON", self.refused("{"))
        self.assertIn("`problems`", self.refused("{}"))
        self.assertIn("no rows", self.refused("[]"))
        good = table(5)
        self.assertIn("there is greedy, sample", self.refused(good, "--strategy", "bestof"))
        self.assertIn("weights", self.refused(good, "--strategy", "particle[weigths=odds]"))
        self.assertIn("+noise=SIGMA", self.refused(good, "--verifier", "table+nose=1"))
        self.assertIn("generations=N", self.refused(good, "--caps", "steps=3"))
        self.assertIn("there is arithmetic, arithmetic:mixed, arithmetic:reversed (each also with a file of questions behind a comma), chains, game24", self.assay("search", "--task", "chain", code=2).stderr)
        self.assertIn("there is proposals", self.assay("search", "--task", "game24", "--policy", "table", code=2).stderr)
        self.assertIn("name one", self.assay("search", "--task", "chains", code=2).stderr)
        self.assertIn("truth, votes", self.assay("search", "--task", "game24", "--verifier", "table", code=2).stderr)

    def test_caps_hold(self):
        said = self.search(table(6), "--strategy", "particle,best-of,dvts", "--n", "16", "--caps", "calls=10")
        for row in said["rows"]:
            self.assertLessEqual(row["verifier_calls"], 10)

    def test_samples_of_the_list_language_are_judged_alike_by_search_and_by_run(self):
        def search(*options):
            return json.loads(self.assay("search", "--task", "list:1", "--policy", "guided", "--verifier", "suite:visible", "--problems",
                                         "12", "--samples", "8", "--strategy", "sample,best-of", "--n", "1,4", "--json",
                                         *options).stdout)
        lists = self.folder / "lists"
        said = search("--export", lists, "--jobs", "3")
        self.assertEqual(said, search("--jobs", "1", "--db", self.folder / "another.db"))
        self.assay("run", "--dataset", lists / "problems.jsonl", "--samples", lists / "samples.jsonl", "--full")
        rates = self.json("rates", "--proxy", "base", "--gold", "plus")["rows"][0]
        self.assertEqual((rates["problems"], rates["samples"], rates["missing"], rates["dataset"], rates["model"]),
                         (12, 96, 0, "list:1", "guided"))
        self.assertGreater(rates["tp"], 0)
        self.assertGreater(rates["fp"], 0)
        foretold = {(one["strategy"], one["n"]): one["accuracy"] for one in said["predicted"]}
        self.assertAlmostEqual(foretold["sample", 1], rates["accuracy"])
        self.assertAlmostEqual(said["verifiers"][0]["fpr"], rates["fpr"])
        self.assertEqual(said["verifiers"][0]["stage"], "answer")
        self.assertEqual(said["verifiers"][0]["not_judged"], 0)

    def test_what_the_list_language_lacks_is_named(self):
        self.assertIn("list:1, list:2 and list:4", self.assay("search", "--task", "list:3", code=2).stderr)
        self.assertIn("grammar, guided", self.assay("search", "--task", "list", "--problems", "2", "--policy", "table", code=2).stderr)
        self.assertIn("no programs", self.refused(table(7), "--export", str(self.folder / "lists")))


if __name__ == "__main__":
    unittest.main()
