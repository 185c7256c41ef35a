#!/usr/bin/env python3
"""`assay train` and the models that `assay search` takes from it: from the first command to an answer, and what goes wrong."""
import itertools
import json
import math
import random
import signal
import sqlite3
import struct
import subprocess
import time
import unittest

from support import AssayTest

FEW = ["--batch", "16", "-j", "1"]
SMALL = [*FEW, "--dim", "16", "--hidden", "32", "--layers", "1", "--heads", "2", "--kv-heads", "2"]


def tensors(path):
    """The tensors of a model's file, as bytes by name."""
    data = path.read_bytes()
    size = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:size])
    return {name: data[size + at["data_offsets"][0]:size + at["data_offsets"][1]] for name, at in header.items() if name != "__metadata__"}


def write_llama2c(model, tokenizer):
    """A model in llama2.c's form, of two heads that share their keys, that says mostly small letters and full stops."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), " ", *"abcdefghijklmnopqrstuvwxyz.", " the", "th", " t"]
    tokenizer.write_bytes(struct.pack("<i", 6) + b"".join(
        struct.pack("<fi", -i, len(piece)) + piece.encode() for i, piece in enumerate(pieces)))
    dim, hidden, layers, heads, kv_heads, context = 16, 24, 1, 2, 1, 256
    numbers = random.Random(1)
    normal = lambda count, scale: [numbers.gauss(0, scale) for _ in range(count)]
    one = [1.0] * dim
    weights = [*normal(259 * dim, 0.1), *normal((len(pieces) - 259) * dim, 1), *one, *normal(dim * dim, 0.3),
               *normal(2 * dim * dim // 2, 0.3), *normal(dim * dim, 0.3), *one, *normal(3 * dim * hidden, 0.3), *one,
               *[0.0] * (context * dim // heads)]
    model.write_bytes(struct.pack("<7i", dim, hidden, layers, heads, kv_heads, len(pieces), context) +
                      struct.pack(f"<{len(weights)}f", *weights))


class Train(AssayTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "model.gpt"
        done = self.json("train", "base", "--task", "chains", "--steps", "40", "--problems", "10", *SMALL, "-o", self.model)
        self.trained = done

    def test_what_was_trained_searches_and_judges(self):
        self.assertEqual((self.trained["method"], self.trained["task"], self.trained["steps"]), ("base", "chains", 40))
        self.assertLess(self.trained["loss"][-1], self.trained["loss"][0])
        told = self.trained["eval"]
        self.assertGreaterEqual(told["step_accuracy"], 0)
        self.assertEqual(told["tokens_by_difficulty"], {"8": told["tokens"]})
        self.assertLessEqual(told["right_chain"], told["accuracy"])
        if told["accuracy"] > 0:
            self.assertAlmostEqual(told["right_chain_of_right"], told["right_chain"] / told["accuracy"])
        else:
            self.assertIsNone(told["right_chain_of_right"])
        words = ["search", "--task", "chains", "--problems", "8", "--policy", f"gpt:{self.model}", "--strategy", "greedy,particle",
                 "--n", "1,4", "--samples", "4", "--json"]
        said = json.loads(self.assay(*words, "--verifier", f"gpt:{self.model}+noise=1", "--db", self.folder / "1.db").stdout)
        for row in said["rows"]:
            self.assertLessEqual(row["tokens"], 8 * row["generations"])
            self.assertGreaterEqual(row["tokens"], row["generations"])
        self.assertTrue(any(row["tokens"] > row["generations"] for row in said["rows"]))
        self.assertEqual(said["verifiers"][0]["not_judged"], 0)
        again = json.loads(self.assay(*words, "--verifier", f"gpt:{self.model}+noise=1", "-j", "1", "--db", self.folder / "2.db").stdout)
        self.assertEqual(again, said)
        # Another model by the same name is another search.
        self.assay("train", "base", "--task", "chains", "--steps", "2", "--problems", "2", "--seed", "5", *SMALL, "--force", "-o", self.model)
        other = json.loads(self.assay(*words, "--verifier", "truth", "--db", self.folder / "1.db").stdout)
        self.assertEqual(other["recalled"], 0)

    def test_a_policy_that_errs_as_much_as_is_wanted(self):
        # Step accuracy jumps within a hundred steps, elsewhere for each seed: a number of steps chooses badly.
        words = ["train", "base", "--task", "chains", "--steps", "40", "--problems", "2", *SMALL, "--force", "-o", self.folder / "other.gpt"]
        self.assertEqual(self.json(*words, "--until", "0.01")["steps"], 10)
        said = self.json(*words, "--until", "1")
        self.assertEqual((said["steps"], said["loss"]), (40, self.trained["loss"]))

    def test_a_value_head_is_trained_on_the_truth_about_answers(self):
        head = self.folder / "head.prm"
        said = self.json("train", "prm", "--task", "chains", "--policy", f"gpt:{self.model}", "--problems", "40", "--rollouts", "4",
                         "--steps", "5", *FEW, "-o", head)
        self.assertGreater(said["eval"]["rollouts"], 100)
        self.assay("search", "--task", "chains", "--problems", "4", "--policy", f"gpt:{self.model}", "--verifier", f"prm:{head}",
                   "--strategy", "best-of", "--n", "2", "--samples", "2")

    def test_a_model_learns_when_to_think(self):
        words = ["--task", "thoughts", "--problems", "20", "--rounds", "2", "--questions", "40", "--base-steps", "20", "--filter", "fpr=1", *SMALL]
        lines = self.folder / "answers.jsonl"
        for method in ("star", "shortest", "metareason"):
            said = self.json("train", method, *words, "-o", self.folder / f"{method}.gpt", "--answers", lines)
            self.assertEqual(len(said["rounds"]), 2)
            self.assertEqual(said["eval"]["problems"], 20)
            self.assertEqual(set(said["base"]), {"free", "direct", "terse", "verbose"})
            self.assertIn("thoughts:cups", said["elsewhere"])
            rows = [json.loads(line) for line in lines.read_text().splitlines()]
            trained = [row for row in rows if row["who"] == "trained" and row["task"] == "thoughts"]
            self.assertEqual(len(trained), 20)
            self.assertEqual(sum(row["right"] for row in trained) / 20, said["eval"]["accuracy"])
        self.assertEqual(self.json("train", "metareason", *words, "-o", self.folder / "again.gpt")["eval"], said["eval"])
        self.assertEqual((self.folder / "again.gpt").read_bytes(), (self.folder / "metareason.gpt").read_bytes())
        # Options are chosen by other problems than those that they are judged on, and the weights are the same.
        held = self.json("train", "metareason", *words, "--eval-on", "calibration", "-o", self.folder / "again.gpt", "--answers", self.folder / "held")
        self.assertEqual((self.folder / "again.gpt").read_bytes(), (self.folder / "metareason.gpt").read_bytes())
        self.assertEqual((held["eval"]["problems"], held["elsewhere"]["thoughts:cups"]["trained"]["problems"]), (20, 20))
        self.assertNotEqual((self.folder / "held").read_text(), lines.read_text())
        self.assertEqual(len((self.folder / "held").read_text().splitlines()), len(lines.read_text().splitlines()))
        self.assertIn("501", self.assay("train", "star", "--task", "thoughts", "--problems", "501", "--eval-on", "calibration", "-o", self.folder / "x", code=2).stderr)
        self.assertIn("accepts no answer", self.assay("train", "star", "--task", "thoughts", "--filter", "fnr=1", "-o", self.folder / "x", code=2).stderr)
        self.assertIn("no thoughts", self.assay("train", "star", "--task", "game24", "-o", self.folder / "x", code=2).stderr)
        self.assertIn("fpr=0.15", self.assay("train", "star", "--task", "thoughts", "--filter", "fpr=2", "--from", self.folder / "star.gpt",
                                              "-o", self.folder / "x", code=2).stderr)
        # A model of another task has no tokens for these prompts.
        self.assay("train", "star", "--task", "thoughts", "--from", self.model, "-o", self.folder / "x", code=1)

    def test_a_report_shows_what_was_learned(self):
        learned = ["--db", self.folder / "learned.db"]
        words = ["--task", "thoughts", "--problems", "20", "--rounds", "1", "--questions", "40", "--base-steps", "20", *SMALL, *learned]
        for filtered in ("fpr=0.9", "fpr=1", "fpr=1"):  # the last replaces the one before
            said = self.json("train", "star", *words, "--filter", filtered, "--force", "-o", self.folder / "star.gpt")
        self.assertEqual(said["options"]["fpr"], 1)
        told = said["eval"]
        self.assertEqual(told["fpr_before"], said["base"]["free"]["fpr"])
        if told["fpr"] is not None and told["fpr_interval"] is not None:
            self.assertLessEqual(told["fpr_interval"][0], told["fpr"])
            self.assertLessEqual(told["fpr"], told["fpr_interval"][1])
        self.assertEqual(self.stored(learned), [("star", "thoughts", 1)] * 2)
        text = self.report(learned)
        self.assertIn("What was learned", text)
        self.assertIn(f"| fpr=1 | 1 | {100 * told['accuracy']:.1f}%", text)
        self.assertIn("| base terse | thoughts |", text)
        self.assertIn("thoughts:cups", text)
        self.assertRegex(text, r"where the filter accepts 100\.0% of the wrong answers instead of 90\.0%, star comes to")
        # Another seed is counted with the first.
        self.json("train", "star", *words, "--filter", "fpr=1", "--seed", "2", "--force", "-o", self.folder / "star.gpt")
        self.assertIn("| fpr=1 | 2 |", self.report(learned))
        page = self.folder / "page.html"
        self.assay("report", *learned, "-o", page)
        self.assertIn("Tokens and accuracy", page.read_text(encoding="utf-8"))

    def report(self, database):
        return self.assay("report", *database, "-o", "-", "--format", "markdown").stdout

    def stored(self, database):
        with sqlite3.connect(database[1]) as connection:
            return connection.execute("SELECT method, task, seed FROM training ORDER BY id").fetchall()

    def test_lora_changes_the_matrices_of_attention_alone(self):
        attention = {"queries", "keys", "values", "attention_out"}
        thinker, table, posterior = self.folder / "thinker.gpt", self.folder / "table.json", self.folder / "posterior.gpt"
        table.write_text(json.dumps({"symbols": 1, "length_max": 3, "log_reward": {"": 0, "0": 1, "0,0": -1, "0,0,0": 2}}))
        thoughts = ["--task", "thoughts", "--problems", "4", "--rounds", "1", "--questions", "40", "--filter", "fpr=1"]
        self.json("train", "star", *thoughts, "--base-steps", "20", *SMALL, "-o", thinker)
        self.json("train", "gflownet", "--task", table, "--steps", "2", *SMALL, "-o", posterior)
        for method, start, words in (
                ("base", self.model, ["--task", "chains", "--problems", "2"]),
                ("prm", self.model, ["--task", "chains", "--policy", f"gpt:{self.model}", "--problems", "20"]),
                ("star", thinker, thoughts), ("shortest", thinker, thoughts), ("metareason", thinker, thoughts),
                ("gflownet", posterior, ["--task", table]), ("reinforce", posterior, ["--task", table])):
            with self.subTest(method):
                out = self.folder / f"lora.{method}"
                given = [] if method == "prm" else ["--from", start]  # it goes on with the policy
                said = self.json("train", method, *words, *given, "--steps", "2", "--lora", "2", *FEW, "-o", out)
                self.assertEqual((said["options"]["lora"], said["options"]["lora_alpha"]), (2, 16))
                before, after = tensors(start), tensors(out)
                if method == "prm":
                    self.assertNotEqual(set(struct.unpack("17f", after.pop("value"))), {0})
                    before["config"] = after["config"]  # it says that there is a value head
                self.assertEqual({name for name in after if after[name] != before[name]}, attention)
        said = self.assay("train", "base", "--task", "chains", "--lora", "2", "-o", self.folder / "x", code=2).stderr
        self.assertIn("--from", said)

    def test_a_model_of_llama2c_is_trained_on_and_searches_as_ours(self):
        model, tokenizer, ours = (self.folder / name for name in ("m.bin", "t.bin", "ours.gpt"))
        write_llama2c(model, tokenizer)
        theirs = f"llama2c:{model},{tokenizer}"
        words = ["train", "base", "--task", "chains", "--problems", "2", "--from", theirs, "--steps", "1", "--lora", "2", "-j", "1", "-o", ours]
        found = []
        for rate in ("1e-9", "0.1"):  # at first it has hardly moved
            self.json(*words, "--learning-rate", rate, "--force")
            for policy in (theirs, f"gpt:{ours}"):
                said = self.json("search", "--task", "stories", "--problems", "8", "--policy", policy, "--verifier", "letters", "--strategy",
                                 "greedy,particle", "--n", "1,2", "--samples", "2", "--db", self.folder / "search.db")
                found.append([(row["tokens"], row["accuracy"], row["generations"]) for row in said["rows"]])
        self.assertEqual(found[0], found[1])
        self.assertNotEqual(found[2], found[3])
        self.assertIn("gpt:FILE or llama2c:FILE,TOKENIZER", self.assay(
            "train", "prm", "--task", "stories", "--policy", "module:x", "-o", self.folder / "x", code=2).stderr)
        for option in (["search", "--verifier", "letters", "--policy"], ["train", "base", "-o", self.folder / "x", "--from"]):
            task = ["--task", "chains"] if option[0] == "train" else ["--task", "stories"]
            self.assertIn("MODEL.bin,TOKENIZER.bin", self.assay(*option, "llama2c:x.bin", *task, code=2).stderr)

    def test_what_is_wrong_is_named(self):
        whole = self.model.read_bytes()
        for name, data in (("cut", whole[:-100]), ("changed", whole[:-9] + b"?" + whole[-8:]), ("empty", b""), ("text", b"not a model")):
            path = self.folder / name
            path.write_bytes(data)
            said = self.assay("search", "--task", "chains", "--policy", f"gpt:{path}", "--verifier", "truth", code=1).stderr
            self.assertIn(str(path), said)
        self.assertIn("gpt:FILE", self.assay("search", "--task", "chains", "--policy", "gtp:x", "--verifier", "truth", code=2).stderr)
        said = self.assay("search", "--task", "chains", "--policy", f"gpt:{self.model}", "--verifier", "truth", "--proposal-temperature", "2", code=2).stderr
        self.assertIn("there is no --proposal", said)
        missing = self.assay("search", "--task", "chains", "--policy", "gpt:nothing.gpt", "--verifier", "truth", code=1).stderr
        self.assertIn("nothing.gpt", missing)
        self.assertIn("game24", self.assay("train", "base", "--task", "game24", "--steps", "1", "-o", self.folder / "x", code=2).stderr)


class Kept(AssayTest):
    """A training that is killed goes on by the same command, to the same bytes; and the file says how it was made."""

    def killed(self, words, out, enough=lambda: True, by=signal.SIGKILL):
        """Ends the training once its checkpoint is there and `enough`; its standard error."""
        partial = out.with_name(out.name + ".partial")
        process = subprocess.Popen(self.command(*words, "-o", out, "--keep-every", "0"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with process:
            until = time.monotonic() + 120
            while not (partial.exists() and enough()):
                self.assertIsNone(process.poll(), "it ended before it was killed")
                self.assertLess(time.monotonic(), until)
                time.sleep(.005)
            process.send_signal(by)
            return process.communicate(timeout=60)[1], process.returncode

    def where(self, partial):
        """What the header says of where it stands."""
        data = partial.read_bytes()
        return json.loads(data[8:8 + int.from_bytes(data[:8], "little")])["__metadata__"]["where"]

    def test_a_base_goes_on(self):
        words = ["train", "base", "--task", "chains", "--steps", "60", "--problems", "2", *SMALL]
        whole, out = self.folder / "whole.gpt", self.folder / "out.gpt"
        partial = self.folder / "out.gpt.partial"
        expected = self.json(*words, "-o", whole)
        self.assertEqual(self.killed(words, out, lambda: "step 1 " not in self.where(partial))[1], -signal.SIGKILL)
        self.assertFalse(out.exists())
        stood = self.where(partial)
        done = self.assay(*words, "-o", out, "--json")
        self.assertIn(f"goes on from {stood}", done.stderr)
        self.assertEqual(out.read_bytes(), whole.read_bytes())
        self.assertEqual(json.loads(done.stdout)["loss"], expected["loss"])
        self.assertFalse(partial.exists())
        # A polite end keeps where it stood, and says so.
        out.unlink()
        said, code = self.killed(words, out, by=signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn(f"{partial} keeps {self.where(partial)}", said)
        # What was kept of other options is not used; nor is what was damaged.
        kept = partial.read_bytes()
        said = self.assay(*words, "--learning-rate", "0.01", "-o", out).stderr
        self.assertIn("learning_rate 0.005, not 0.01", said)
        self.assertNotEqual(out.read_bytes(), whole.read_bytes())
        for data, why in ((kept[:len(kept) // 2], "ends too early"), (kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:], "damaged"), (b"", "too short")):
            partial.write_bytes(data)
            said = self.assay(*words, "--force", "-o", out).stderr
            self.assertIn(f"{partial} ", said)
            self.assertIn(why, said)
            self.assertIn("begins anew", said)
            self.assertEqual(out.read_bytes(), whole.read_bytes())
            self.assertFalse(partial.exists())
        # A file of somebody else's under that name is neither read nor replaced.
        for data in (whole.read_bytes(), b"my notes"):
            partial.write_bytes(data)
            self.assertIn("not left by a training", self.assay(*words, "--force", "-o", out, code=2).stderr)
            self.assertEqual(partial.read_bytes(), data)

    def test_what_it_would_lose_is_said_before_the_training(self):
        # Models and question files were replaced by answers, and trainings lost where those or the database could not be written.
        model = self.folder / "model.gpt"
        self.assay("train", "base", "--task", "thoughts", "--steps", "1", "--problems", "1", *SMALL, "-o", model)
        words = ["train", "star", "--task", "thoughts", "--from", model, "-o", self.folder / "star.gpt"]
        for answers in (model, self.folder, self.folder / "nowhere" / "a.jsonl", self.folder / "star.gpt"):
            before = model.read_bytes()
            self.assertIn("--answers", self.assay(*words, "--answers", answers, code=2).stderr)
            self.assertEqual(model.read_bytes(), before)
        notes = self.folder / "notes.db"
        notes.write_text("no database")
        self.assertIn("notes.db", self.assay(*words, "--db", notes, code=1).stderr)
        self.assertEqual(notes.read_text(), "no database")
        self.assertFalse((self.folder / "star.gpt").exists())

    def test_learning_to_think_goes_on(self):
        words = ["train", "metareason", "--task", "thoughts", "--problems", "5", "--rounds", "2", "--questions", "40", "--base-steps", "30",
                 "--filter", "fpr=1", *SMALL]
        whole, out = self.folder / "whole.gpt", self.folder / "out.gpt"
        partial = self.folder / "out.gpt.partial"
        expected = self.json(*words, "-o", whole)
        # In the base, in a round, and at the end of the first round: each goes on from the one before.
        for where in ("of training the base", "of round 1", "round 2"):
            self.killed(words, out, lambda: where in self.where(partial))
        done = self.assay(*words, "-o", out, "--json")
        self.assertIn("goes on from", done.stderr)
        self.assertEqual(out.read_bytes(), whole.read_bytes())
        said = json.loads(done.stdout)
        for key in ("rounds", "loss", "eval", "base"):
            self.assertEqual(said[key], expected[key])

    def test_a_value_head_goes_on(self):
        model = self.folder / "model.gpt"
        self.assay("train", "base", "--task", "chains", "--steps", "3", "--problems", "2", *SMALL, "-o", model)
        words = ["train", "prm", "--task", "chains", "--policy", f"gpt:{model}", "--problems", "10", "--rollouts", "2", "--steps", "60", *FEW]
        whole, out = self.folder / "whole.prm", self.folder / "out.prm"
        self.assay(*words, "-o", whole)
        self.killed(words, out)
        self.assertIn("goes on from", self.assay(*words, "-o", out).stderr)
        self.assertEqual(out.read_bytes(), whole.read_bytes())
        # Another policy under the same name is another training.
        self.killed(words, self.folder / "next.prm")
        self.assay("train", "base", "--task", "chains", "--steps", "4", "--problems", "2", *SMALL, "--force", "-o", model)
        self.assertIn("sha256", self.assay(*words, "-o", self.folder / "next.prm").stderr)

    def test_what_is_there_is_not_lost(self):
        words = ["train", "base", "--task", "chains", "--steps", "2", "--problems", "2", *SMALL]
        notes = self.folder / "notes.txt"
        notes.write_text("mine")
        for more in ([], ["--force"]):
            self.assertIn("no model", self.assay(*words, *more, "-o", notes, code=2).stderr)
        self.assertEqual(notes.read_text(), "mine")
        self.assay(*words, "-o", self.folder, code=2)
        self.assay(*words, "-o", self.folder / "nowhere" / "x.gpt", code=2)
        model = self.folder / "model.gpt"
        self.assay(*words, "-o", model)
        made = model.read_bytes()
        self.assay(*words, "-o", model)  # which comes to the same
        self.assertEqual(model.read_bytes(), made)
        self.assertIn("--force", self.assay(*words, "--seed", "2", "-o", model, code=2).stderr)
        self.assertEqual(model.read_bytes(), made)
        self.assay(*words, "--seed", "2", "--force", "-o", model)
        self.assertNotEqual(model.read_bytes(), made)

    def test_the_file_says_how_it_was_made(self):
        base, model = self.folder / "base.gpt", self.folder / "model.gpt"
        self.assay("train", "base", "--task", "thoughts", "--steps", "4", "--problems", "2", *SMALL, "-o", base)
        said = self.json("train", "metareason", "--task", "thoughts", "--problems", "5", "--rounds", "1", "--questions", "40", "--seed", "3", "--gamma",
                         "0.2", "--filter", "fpr=1", "--from", base, *FEW, "-o", model)
        self.assertGreater(said["tokens_per_second"], 0)
        self.assertGreater(said["memory_mib"], 1)
        told = self.json("train", "--describe", model)
        made = told["made"]
        self.assertEqual((made["method"], made["task"], made["seed"], made["from"]["file"]), ("metareason", "thoughts", 3, str(base)))
        self.assertEqual(made["options"], said["options"])
        self.assertEqual((made["options"]["gamma"], made["options"]["filter"], made["options"]["threads"]), (0.2, "fpr=1", 1))
        self.assertEqual((told["model"]["dim"], told["model"]["layers"]), (16, 1))
        self.assertIn("metareason", self.assay("train", "--describe", model).stdout)
        self.assertIn("--task", self.assay("train", "base", "-o", model, code=2).stderr)


class Rewards(AssayTest):
    """`assay train gflownet` and `reinforce` on a table whose posterior is computed here once more."""

    def table(self, change=None):
        reward = {",".join(map(str, z)): round(math.sin(7 * i) * 2, 3) for i, z in enumerate(
            z for n in range(4) for z in itertools.product(range(2), repeat=n))}
        record = {"symbols": 2, "length_max": 3, "log_reward": reward, "truth": {"0": 1, "1,0,1": 1}}
        if change:
            change(record)
        path = self.folder / "rewards.json"
        path.write_text(json.dumps(record))
        return path, record

    def train(self, method, path, *words, code=0):
        return self.assay("train", method, "--task", path, *(FEW if "--from" in words else SMALL), "-o", self.folder / f"{method}.gpt", "--force", "--json", *words,
                          code=code)

    def test_the_posterior_is_learned_where_maximising_collapses(self):
        path, record = self.table()
        total = sum(map(math.exp, record["log_reward"].values()))
        p = {z: math.exp(reward) / total for z, reward in record["log_reward"].items()}
        words = ["--steps", "500", "--learning-rate", "0.005"]
        said = json.loads(self.train("gflownet", path, *words).stdout)
        self.assertEqual((said["method"], said["steps"], said["sequences"]), ("gflownet", 500, 15))
        fit = said["eval"]
        self.assertAlmostEqual(fit["target_entropy"], -sum(x * math.log(x) for x in p.values()), places=6)
        self.assertAlmostEqual(fit["target_purity"], p["0"] + p["1,0,1"], places=6)
        self.assertLess(fit["kl"], 0.05)
        self.assertLess(fit["kl"], said["before"]["kl"])
        self.assertAlmostEqual(fit["legal"], 1)
        collapsed = json.loads(self.train("reinforce", path, *words).stdout)["eval"]
        self.assertLess(collapsed["entropy"], fit["entropy"] / 2)
        # All is accepted here: the verifier lets through whatever is wrong.
        self.assertAlmostEqual(fit["fpr"], 1, places=6)
        self.assertEqual(fit["fpr_before"], said["before"]["fpr"])
        modes, held = 0, 0
        for x in sorted(p.values(), reverse=True):
            modes, held = (modes + 1, held + x) if held < 0.9 else (modes, held)
        self.assertEqual((fit["modes"], fit["modes_found"]), (modes, modes))
        self.assertLess(collapsed["modes_found"], modes)
        text = self.assay("report", "-o", "-", "--format", "markdown").stdout
        self.assertIn("| the posterior |", text)
        self.assertRegex(text, rf"gflownet comes within a KL of {fit['kl']:.3f} nats of the posterior")
        self.assertIn(f"| {collapsed['entropy']:.3f} |", text)
        # The same seed gives the same model; and it goes on from what was written.
        few = ["--steps", "5"]
        first, second = (json.loads(self.train("gflownet", path, *few).stdout) for _ in range(2))
        self.assertEqual(first["loss"], second["loss"])
        self.assertEqual(first["eval"], second["eval"])
        again = json.loads(self.train("gflownet", path, "--steps", "1", "--from", self.folder / "gflownet.gpt").stdout)
        self.assertAlmostEqual(again["before"]["kl"], second["eval"]["kl"], places=4)

    def test_a_sequence_without_reward_is_never_given(self):
        def forbid(record):
            for z in ("", "0", "1", "1,1"):
                record["log_reward"][z] = None

        path, _ = self.table(forbid)
        said = self.train("gflownet", path, "--loss", "subtb", "--steps", "2", code=2).stderr
        self.assertIn("vargrad", said)
        fit = json.loads(self.train("gflownet", path, "--steps", "2").stdout)["eval"]
        self.assertAlmostEqual(fit["legal"], 1)

    def test_what_is_wrong_is_named(self):
        def lacking(record):
            del record["log_reward"]["0,1"]

        path, _ = self.table(lacking)
        self.assertIn("sequence 0,1", self.train("gflownet", path, code=1).stderr)
        self.assertIn("log reward", self.train("base", path, code=1).stderr)
        path, _ = self.table()
        self.assertIn("add up", self.train("gflownet", path, "--on-policy", "0.7", "--replay", "0.7", code=2).stderr)
        self.assertIn("--hottest", self.train("gflownet", path, "--coldest", "3", code=2).stderr)
        self.assertIn("nothing has one", self.train("gflownet", path, "--floor", "3", code=2).stderr)
        self.assertIn("symbols", self.train("gflownet", "chains", code=2).stderr)
        self.assertIn("--context", self.train("gflownet", path, "--context", "3", code=1).stderr)
        self.assay("train", "base", "--task", "chains", "--steps", "1", "--problems", "1", *SMALL, "-o", self.folder / "chains.gpt")

    def test_symbols(self):
        base = self.folder / "base.gpt"
        self.json("train", "base", "--task", "symbols", "--steps", "60", *SMALL, "-o", base)
        said = json.loads(self.train("gflownet", "symbols", "--from", base, "--steps", "2").stdout)
        self.assertEqual(said["sequences"], 19531)
        self.assertGreater(said["eval"]["target_legal"], 0.98)
        self.assertLess(said["before"]["legal"], 0.5)
        found = json.loads(self.assay("search", "--task", "symbols", "--policy", f"gpt:{base}", "--verifier", "ring", "--strategy",
                                      "best-of", "--n", "4", "--repeat", "20", "--json", "--db", self.folder / "s.db").stdout)
        self.assertEqual(found["rows"][0]["problems"], 1)

    def test_stories(self):
        model, tokenizer, trained = (self.folder / name for name in ("m.bin", "t.bin", "tales.gpt"))
        write_llama2c(model, tokenizer)
        words = ["--task", "stories", "--from", f"llama2c:{model},{tokenizer}", "--lora", "2", "--steps", "2", "--batch", "8", "--draws", "4",
                 "--problems", "4", "-j", "1", "-o", trained, "--force"]
        answers = self.folder / "answers.jsonl"
        for method in ("gflownet", "reinforce", "ppo", "star"):
            said = self.json("train", method, *words, "--answers", answers)
            fit, began = said["eval"], said["before"]
            self.assertEqual((said["steps"], fit["problems"], said["options"]["draws"]), (2, 4, 4))
            self.assertLessEqual(fit["accuracy"], 1)
            self.assertGreater(fit["different"], 0.5)
            self.assertLess(fit["log_chance"], 0)
            self.assertTrue(1 <= fit["tokens"] <= 48)
            self.assertTrue(set(fit["tokens_by_difficulty"]) <= {"2", "3"})
            self.assertEqual(set(fit) - {"fpr_before"}, set(began))
            self.assertLessEqual(said["posterior"]["prior_right"], said["posterior"]["prior_accepted"])
            self.assertEqual(len(answers.read_text().splitlines()), 4)
        first, second = (self.json("train", "gflownet", *words) for _ in range(2))
        self.assertEqual(first["loss"], second["loss"])
        found = self.json("search", "--task", "stories", "--problems", "2", "--policy", f"gpt:{trained}", "--strategy", "greedy",
                          "--db", self.folder / "search.db")
        self.assertEqual(found["rows"][0]["problems"], 2)
        # The model of the tests writes no words that are asked for.
        plain = [word for word in words if word not in ("--draws", "4", "--problems", trained, "-o")]
        self.assertIn("tells stories", self.assay("train", "sft", *plain, "--problems", "4", "-o", self.folder / "sft.gpt", code=1).stderr)
        self.assertIn("letters", self.assay("train", "gflownet", *words, "--filter", "fpr=0.1", code=2).stderr)
        self.assertIn("--from", self.assay("train", "gflownet", "--task", "stories", "-o", self.folder / "other.gpt", code=2).stderr)

    def test_numbers(self):
        said = json.loads(self.train("gflownet", "numbers", "--steps", "2").stdout)
        self.assertEqual(said["eval"]["valid"], said["eval"]["legal"])
        self.assertGreater(said["before"]["kl"], 0.1)
        self.assertAlmostEqual(said["eval"]["target_entropy"], math.log(100), places=2)


class Arithmetic(AssayTest):
    """Chains of calls of a calculator, learned from few demonstrations and from right answers."""

    def setUp(self):
        super().setUp()
        self.questions = self.folder / "questions.txt"
        lines = ["demo 6 - 0 - 4", "demo 1 + 2 - 3 + 4", "qa 6 - 0 - 4", "t3 1 + 1 + 1", "t3 2 + 2 + 2", "t4 1 + 2 + 3 + 4", "t3 9 - 1 + 1"]
        lines += [f"qa {a} + {b} - {a}" for a in range(5) for b in range(5)] + ["t3 2 + 2 - 2"]
        self.questions.write_text("\n".join(lines) + "\n")
        self.task = ["--task", f"arithmetic,{self.questions}"]
        self.base = self.folder / "base.gpt"
        self.json("train", "base", *self.task, "--steps", "40", *SMALL, "-o", self.base)

    def test_every_method_learns_and_is_measured_alike(self):
        sft = self.folder / "sft.gpt"
        said = self.json("train", "sft", *self.task, "--from", self.base, "--steps", "3", *FEW, "-o", sft)
        self.assertIn("accuracy", said["before"])
        for method, words in (("gflownet", []), ("gflownet", ["--lora", "2"]), ("reinforce", ["--kl", "0.1"]), ("ppo", ["--reward", "answer", "--passes", "2"]), ("star", []),
                              ("gflownet", ["--filter", "fpr=0.3"]), ("gflownet", ["--judge", self.base])):
            with self.subTest(method, words=words):
                answers = self.folder / "answers.jsonl"
                said = self.json("train", method, *self.task, "--from", sft, "--steps", "2", "--draws", "4", *FEW, *words, "--answers", answers,
                                 "--force", "-o", self.folder / "out.gpt")
                told = said["eval"]
                # 2 + 2 - 2 stands among the questions to learn from too, and is left out.
                self.assertEqual(told["problems"], 4)
                self.assertEqual(set(told["accuracy"]), {"3", "4"})
                for key in ("right_chain", "invalid_calls", "purity", "target_purity", "fpr", "fpr_before", "right_by_wrong_chain"):
                    self.assertIn(key, told)
                self.assertEqual(told["drawn"]["problems"], said["posterior"]["problems"])
                self.assertGreater(said["tokens_per_second"], 0)
                self.assertTrue(0 <= told["drawn"]["right"] <= told["drawn"]["accepted"] or words[:1] == ["--filter"])
                rows = [json.loads(line) for line in answers.read_text().splitlines()]
                self.assertEqual(len(rows), 4)
                for row in rows:
                    self.assertLessEqual(row["right_chains"], row["right_answers"])
                    self.assertLessEqual(row["invalid_calls"], row["calls"])
                # Tokens were cut at 1, as shares are.
                wrote = [row["tokens"] / row["samples"] for row in rows if row["difficulty"] == 4]
                self.assertAlmostEqual(told["tokens_by_difficulty"]["4"], sum(wrote) / len(wrote))
                self.assertEqual(told["accuracy"]["4"], float([row for row in rows if row["difficulty"] == 4][0]["right"]))
                self.assertLessEqual(said["posterior"]["right"], said["posterior"]["accepted"] + 1e-9)
                if "--filter" in words:  # without it none of so few is accepted, and C is undefined
                    low, high = said["posterior"]["purity_interval"]
                    self.assertTrue(0 <= low <= told["target_purity"] <= high <= 1)
        held_out = self.json("train", "star", *self.task, "--from", sft, "--steps", "1", *FEW, "--eval-on", "calibration", "--force", "-o",
                             self.folder / "out.gpt")["eval"]
        self.assertEqual(held_out["problems"], 6)  # a quarter of those to learn from
        self.assertRegex(self.assay("report", "-o", "-", "--format", "markdown").stdout, r"\| gflownet")

    def test_it_goes_on_after_a_kill(self):
        words = ["train", "gflownet", *self.task, "--from", self.base, "--steps", "8", "--draws", "4", *FEW]
        whole, out = self.folder / "whole.gpt", self.folder / "out.gpt"
        expected = self.json(*words, "-o", whole)
        process = subprocess.Popen(self.command(*words, "-o", out, "--keep-every", "0"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        partial, until = self.folder / "out.gpt.partial", time.monotonic() + 120
        while not partial.exists():
            self.assertIsNone(process.poll(), "it ended before it was killed")
            self.assertLess(time.monotonic(), until)
            time.sleep(.005)
        process.kill()
        process.wait()
        done = self.assay(*words, "-o", out, "--json")
        self.assertIn("goes on from step", done.stderr)
        self.assertEqual(json.loads(done.stdout)["loss"], expected["loss"])
        self.assertEqual(out.read_bytes(), whole.read_bytes())

    def test_what_is_wrong_is_named(self):
        words = ["train", "gflownet", "-o", self.folder / "x"]
        self.assertIn("train sft", self.assay(*words, *self.task, code=2).stderr)
        self.assertIn("arithmetic:reversed", self.assay(*words, "--task", "arithmetic:other", "--from", self.base, code=2).stderr)
        # An option that would do nothing is refused: of another method, of a new model, and one draw to compare with none.
        for more, why in ((["--gamma", "1"], "of metareason"), (["--until", "1"], "of base"), (["--dim", "32"], "goes on with one"),
                          (["--draws", "1", "--loss", "vargrad"], "vargrad compares"), (["--floor", "3"], "--token-floor"),
                          (["--reward-temperature-first", "2"], "without --reward-temperature-steps")):
            self.assertIn(why, self.assay(*words, *self.task, "--from", self.base, *more, code=2).stderr)
        for line, why in (("demo 6 - 10", "no question"), ("demo 6 *  4 - 1", "no question"), ("train 1 + 1 + 1", "no set"), ("demo", "no question"),
                          ("demo 1 + 1 +", "no question")):
            self.questions.write_text(f"qa 1 + 1 + 1\n{line}\n")
            said = self.assay(*words, *self.task, "--from", self.base, code=1).stderr
            self.assertIn("line 2", said)
            self.assertIn(why, said)
        # nan lay in every range; a file of three questions ended in an error of ours.
        for option in ("--huber", "--learning-rate", "--reward-temperature"):
            self.assertIn("nan is no number", self.assay(*words, *self.task, "--from", self.base, option, "nan", code=2).stderr)
        self.questions.write_text("demo 1 + 1 + 1\nt3 2 + 2 + 2\n" + "".join(f"qa {n} + 2 - 1\n" for n in (1, 2, 3)))
        self.assertIn("needs at least 4", self.assay(*words, *self.task, "--from", self.base, code=1).stderr)
        self.questions.write_text("qa 1 + 1 + 1\n")
        self.assertIn("no questions of demo", self.assay(*words, *self.task, "--from", self.base, code=1).stderr)
        self.assertIn("demonstrations", self.assay("train", "sft", "--task", "chains", "-o", self.folder / "x", code=2).stderr)
        chains = self.folder / "chains.gpt"
        self.json("train", "base", "--task", "chains", "--steps", "1", "--problems", "1", *SMALL, "-o", chains)
        self.assertIn("no token", self.assay(*words, "--task", "arithmetic", "--from", chains, code=1).stderr)


if __name__ == "__main__":
    unittest.main()
