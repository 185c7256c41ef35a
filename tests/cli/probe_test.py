"""assay probe: new inputs that tell accepted programs from the reference."""
import json
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from support import AssayTest, descendants, wait_until_gone

# The suites never ask for an empty list, nor for a number below zero.
LARGEST = {"task_id": "Own/0", "prompt": "def largest(numbers):\n", "entry_point": "largest",
           "reference": "def largest(numbers):\n    return max(numbers) if numbers else 0\n",
           "base": [[[1, 2, 3]], [[5, 4]]], "plus": [[[7]], [[3, 3, 2]]]}
RIGHT = "def largest(numbers):\n    return max(numbers, default=0)\n"
# Wrong on the empty list alone.
NO_EMPTY = "def largest(numbers):\n    return sorted(numbers)[-1]\n"
# Wrong where all are below zero: that the contract below forbids.
FROM_ZERO = "def largest(numbers):\n    best = 0\n    for n in numbers:\n        best = n if n > best else best\n    return best\n"
SAME_FROM_ZERO = "def largest(numbers):\n    return max([0] + list(numbers))\n"


NO_ONE = "def largest(numbers):\n    return None\n"
# Wrong on inputs that are none of the borders.
SHORT = "def largest(numbers):\n    return max(numbers[:3], default=0)\n"


def cpu_seconds(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:  # it has ended
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Probe(AssayTest):
    def judge(self, *programs, problem=None, models=("m",)):
        """Each model's samples are all of `programs`, or of a list of its own."""
        self.dataset = self.write("own.jsonl", [problem or LARGEST])
        for model in models:
            given = programs if len(models) == 1 else programs[models.index(model)]
            self.run_samples(self.samples(*((self.task(problem), text) for text in given), name=f"{model}.jsonl", model=model))

    @staticmethod
    def task(problem):
        return (problem or LARGEST)["task_id"]

    def probe(self, *arguments, **options):
        told, = self.json("probe", "--inputs", "200", *arguments, **options)["datasets"]
        return told

    def test_a_program_that_is_wrong_on_a_border_is_found(self):
        self.judge(RIGHT, NO_EMPTY)
        told = self.probe()
        problem, = told["problems"]
        cluster, = problem["clusters"]
        first = cluster["witnesses"][0]
        self.assertEqual([first[key] for key in ("input", "reference_answer", "answer", "error", "call", "programs",
                                                 "reference_programs")],
                         ["([],)", "0", "IndexError: list index out of range", True, "[[]]", 1, 1])
        self.assertEqual(cluster["program"], NO_EMPTY)
        self.assertFalse(cluster["disputed"])
        self.assertFalse(problem["by_contract"])
        self.assertEqual([told["totals"][key] for key in ("problems", "programs", "found", "disputed", "share")],
                         [1, 2, 1, 0, 0.5])
        self.assertEqual(told["totals"]["fdr"][0]["newly_wrong"], 1)
        text = self.assay("probe", "--inputs", "200").stdout
        for part in ("Own/0", "([],)", "raise IndexError", "2 programs pass gold; 1 are wrong", "New finds per thousand inputs"):
            self.assertIn(part, text)

    def test_an_input_that_the_contract_forbids_tells_nothing(self):
        contract = "\n    assert numbers and all(n >= 0 for n in numbers), 'invalid inputs'\n"
        self.judge(RIGHT, NO_EMPTY, FROM_ZERO, problem={**LARGEST, "contract": contract})
        told = self.probe()
        problem, = told["problems"]
        self.assertTrue(problem["by_contract"])
        self.assertGreater(problem["refused"], 0)
        self.assertEqual(problem["allowed"], 200)
        self.assertEqual((problem["clusters"], told["totals"]["found"]), ([], 0))

    def test_a_contract_that_cannot_be_used_leaves_the_problem_out(self):
        for contract, why in (("\n    assert len(numbers) > 99\n", "its contract refuses all of its own inputs"),
                              ("\n    assert (\n", "its contract does not run: SyntaxError")):
            self.db = self.folder / f"{len(why)}.db"
            self.judge(RIGHT, problem={**LARGEST, "contract": contract})
            problem, = self.probe()["problems"]
            self.assertIn(why, problem["trouble"])
            self.assertIn("Not probed: Own/0: its contract", self.assay("probe").stdout)

    def test_inputs_behind_a_contract_that_ends_again_and_again_are_in_no_count(self):
        """After its twentieth end the rest of the inputs counted as refused, though nobody had asked."""
        contract = "\n    import os\n    if numbers and min(numbers) < 0: os._exit(3)\n"
        self.judge(RIGHT, problem={**LARGEST, "contract": contract})
        problem, = self.json("probe", "--inputs", "2000")["datasets"][0]["problems"]
        self.assertEqual(problem["contract_ends"], 20)
        self.assertLessEqual(problem["refused"], 20)
        self.assertEqual(problem["tried"], sum(problem[key] for key in ("refused", "raised", "slow", "unstable", "allowed")))
        self.assertIn("Own/0: its contract ended its process 20 times", self.assay("probe", "--inputs", "2000").stdout)

    def test_programs_that_answer_alike_are_one_cluster(self):
        self.judge(RIGHT, RIGHT + "\n", NO_EMPTY, FROM_ZERO, SAME_FROM_ZERO)
        problem, = self.probe()["problems"]
        self.assertEqual(sorted(len(cluster["programs"]) for cluster in problem["clusters"]), [1, 2])
        both = max(problem["clusters"], key=lambda cluster: len(cluster["programs"]))
        self.assertEqual((both["witnesses"][0]["programs"], both["witnesses"][0]["answer"]), (2, "0"))

    def test_a_reference_that_programs_of_two_models_outvote_is_disputed(self):
        odd = {"task_id": "Own/2", "prompt": "def size(x):\n", "entry_point": "size",
               "reference": "def size(x):\n    return x\n", "base": [[1], [2]], "plus": [[3]]}
        self.judge(("def size(x):\n    return abs(x)\n", odd["reference"] + "\n"), ("def size(x):\n    return max(x, -x)\n",),
                   problem=odd, models=("a", "b"))
        told = self.probe()
        problem, = told["problems"]
        cluster, = problem["clusters"]
        self.assertTrue(cluster["disputed"])
        self.assertEqual((cluster["witnesses"][0]["models"], cluster["witnesses"][0]["reference_programs"]), (2, 1))
        self.assertEqual([told["totals"][key] for key in ("found", "disputed")], [0, 2])
        self.assertEqual(told["totals"]["fdr"][0]["newly_wrong"], 0)
        self.assertIn("or more programs agree on another one", self.assay("probe").stdout)
        # Such an input makes no test.
        self.assertIn("not written", self.assay("probe", "-o", self.folder / "new.jsonl").stderr)
        self.assertFalse((self.folder / "new.jsonl").exists())

    def test_a_reference_that_no_program_follows_is_disputed(self):
        # A wrong reference had nobody against it where one program was compared, and the program counted as wrong.
        self.judge(NO_EMPTY)
        told = self.probe()
        self.assertTrue(told["problems"][0]["clusters"][0]["disputed"])
        self.assertEqual([told["totals"][key] for key in ("found", "disputed")], [0, 1])

    def test_the_same_seed_finds_the_same_however_many_work(self):
        self.judge(RIGHT, NO_EMPTY, SHORT)
        one = self.probe("--seed", "5", "-j", "1")
        self.assertEqual(one, self.probe("--seed", "5", "-j", "3"))
        other = self.probe("--seed", "6")
        self.assertEqual(other["totals"]["found"], one["totals"]["found"])
        self.assertNotEqual(other["problems"][0]["finds"], one["problems"][0]["finds"])

    def test_what_is_found_becomes_a_suite_that_runs(self):
        contract = "\n    assert isinstance(numbers, list)\n"
        self.judge(RIGHT, NO_EMPTY, FROM_ZERO, problem={**LARGEST, "contract": contract})
        new = self.folder / "new.jsonl"
        self.assay("probe", "--inputs", "200", "-o", new)
        self.assertFalse((self.folder / "new.jsonl.partial").exists())
        row = json.loads(new.read_text().splitlines()[1])
        self.assertEqual((row["base"], row["plus"], row["contract"]), (LARGEST["base"], LARGEST["plus"], contract))
        self.assertEqual(len(row["suites"]["probe"]), 2)
        self.dataset = new
        self.run_samples(self.folder / "m.jsonl", "--suite", "base,plus,probe", "--full")
        self.assertEqual(sorted(self.statuses("probe").values()), ["error", "fail", "pass"])
        rate, = self.json("rates", "--proxy", "base", "--gold", "base,plus,probe")["rows"]
        self.assertEqual((rate["tp"], rate["fp"]), (1, 2))
        # `run --suite probe` made the suite part of the default gold from then on.
        rate, = self.json("rates")["rows"]
        self.assertEqual((rate["gold"], rate["fp"]), ("base,plus", 0))
        self.assertIn("judged by probe too, which these rates leave aside: --proxy or --gold takes it",
                      self.assay("rates").stdout)
        # Probed again with the new suite as gold, there is less to find, and what was found stays.
        self.assertEqual(self.probe("--gold", "base,plus,probe")["totals"]["found"], 0)

    def test_flaky_and_stateful_programs_are_no_finds(self):
        stateful = "seen = []\ndef largest(numbers):\n    seen.append(1)\n    return -99 if len(seen) > 50 else max(numbers, default=0)\n"
        self.judge(RIGHT, stateful)
        problem, = self.probe()["problems"]
        self.assertEqual((problem["flaky"], problem["clusters"]), (1, []))

    def test_what_a_limit_ends_is_counted_apart(self):
        slow = "def largest(numbers):\n    while not numbers:\n        pass\n    return max(numbers)\n"
        self.judge(RIGHT, slow)
        problem, = self.probe()["problems"]
        self.assertEqual((problem["limited"], problem["clusters"]), (1, []))

    def test_what_ends_programs_hides_nothing_behind_it(self):
        # After three inputs that ended its process nothing more was seen of a program, though others met the same.
        slow = ("def largest(numbers):\n    while len(numbers) == 1 and abs(numbers[0]) < 2:\n        pass\n"
                "    return 99 if len(numbers) > 1 and min(numbers) < 0 else max(numbers, default=0)  # {}\n")
        self.judge(RIGHT, *(slow.format(i) for i in range(4)))
        problem, = self.probe()["problems"]
        self.assertEqual((problem["limited"], len(problem["finds"])), (0, 4))
        first, = {cluster["witnesses"][0]["answer"] for cluster in problem["clusters"]}
        self.assertEqual(first, "99")

    def test_a_hostile_program_learns_no_answer(self):
        # It would answer with any text that it can find in its memory, and ends its process on a border.
        hostile = ("import gc, os\ndef largest(numbers):\n"
                   "    if numbers:\n        return max(numbers)\n"
                   "    for one in gc.get_objects():\n"
                   "        if isinstance(one, (list, tuple)) and any(type(x) is str and x[::-1] == 'ERUSAERT' for x in one):\n"
                   "            return 'ERUSAERT'[::-1]\n"
                   "    os._exit(0)\n")
        problem = {**LARGEST, "reference": "def largest(numbers):\n    return max(numbers) if numbers else 'TREASURE'\n"}
        self.judge(hostile, NO_EMPTY, problem=problem)
        told, = self.probe()["problems"]
        self.assertEqual(told["programs"], 2)
        answers = {cluster["program"]: cluster["witnesses"][0] for cluster in told["clusters"]}
        self.assertEqual(set(answers), {hostile, NO_EMPTY})
        self.assertEqual([one["reference_answer"] for one in answers.values()], ["'TREASURE'"] * 2)

    def test_kinds_of_calls_that_are_observed(self):
        printer = {"task_id": "Own/0", "prompt": "", "entry_point": "show", "compared": ["stdout"],
                   "reference": "def show(x):\n    print(abs(x))\n", "base": [[1], [2]], "plus": [[3]]}
        self.judge("def show(x):\n    print(x)\n", printer["reference"], problem=printer)
        problem, = self.probe()["problems"]
        self.assertEqual(len(problem["clusters"]), 1)
        self.assertIn("printing", problem["clusters"][0]["witnesses"][0]["answer"])
        new = self.folder / "new.jsonl"
        self.assay("probe", "-o", new)
        self.assertEqual(json.loads(new.read_text().splitlines()[1])["compared"], ["stdout"])
        self.dataset = new
        self.run_samples(self.folder / "m.jsonl", "--suite", "probe")
        self.assertEqual(sorted(self.statuses("probe").values()), ["fail", "pass"])

    def test_a_changed_line_of_what_is_kept_is_refused(self):
        # Lines changed by hand gave `unexpected: map::at`, counts below zero and shares above 1, or passed.
        problems = [{**LARGEST, "task_id": f"Own/{i}"} for i in range(3)]
        problems[2]["reference"] = "import time\n" + LARGEST["reference"].replace("    return", "    time.sleep(0.2)\n    return")
        self.dataset = self.write("own.jsonl", problems)
        self.run_samples(self.samples(*((one["task_id"], text) for one in problems for text in (RIGHT, NO_EMPTY))))
        new, partial = self.folder / "new.jsonl", self.folder / "new.jsonl.partial"
        lines = self.kept_lines("--inputs", "50", "-o", new, "-j", "3", count=2)

        def find(result, key, value):
            result["finds"][0][key] = value

        def everywhere(result, program):
            result["finds"][0]["program"], result["clusters"][0]["programs"] = program, [program]

        changes = (lambda r: everywhere(r, 999), lambda r: r.update(allowed=-1), lambda r: r.update(tried=10**15),
                   lambda r: r.update(refused=0.5), lambda r: r.update(finds=r["finds"] * 50),
                   lambda r: r.update(finds=r["finds"] * 2), lambda r: r.update(finds=[]), lambda r: find(r, "first", 50),
                   lambda r: find(r, "cluster", -1), lambda r: r.update(task_id="Own/7"), lambda r: r.update(programs=9),
                   lambda r: r.update(programs=0), lambda r: r.update(lost=1), lambda r: r.update(allowed=51, tried=r["tried"] + 1),
                   lambda r: r["clusters"][0].update(programs=[]), lambda r: r["clusters"][0]["witnesses"][0].update(index=50))
        for place, change in enumerate(changes):
            changed = json.loads(lines[1])
            change(changed["reply"])
            partial.write_text(lines[0] + json.dumps(changed) + "\n")
            said = self.assay("probe", "--inputs", "50", "--task", "Own/0,Own/1", "-o", new, code=1).stderr
            self.assertIn(f"{partial}:2: it holds no result that assay probe kept", said, place)
            self.assertNotIn("unexpected", said)
        partial.write_text("".join(lines))
        self.assay("probe", "--inputs", "50", "--task", "Own/0,Own/1", "-o", new)
        self.assertFalse(partial.exists())

    def kept_lines(self, *arguments, count):
        """What FILE.partial holds while another problem is not done."""
        partial = self.folder / "new.jsonl.partial"
        process = subprocess.Popen(self.command("probe", *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (partial.exists() and partial.read_text().count("\n") == count):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.wait()
        lines = partial.read_text().splitlines(keepends=True)
        self.assertEqual(len(lines), count)
        return lines

    def test_where_the_benchmark_is_said_to_lie_is_not_trusted(self):
        # The name comes out of the database: a pipe was waited for, and a number gave `unexpected: [json.exception...]`.
        self.judge(RIGHT)
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        options, = {row[0] for row in self.query("SELECT options FROM run")}
        for source, said in ((str(pipe), "pipe is not a regular file"), (7, "holds no program"), ([], "holds no program")):
            changed = json.dumps({**json.loads(options), "dataset": source})
            connection = sqlite3.connect(self.db, isolation_level=None)
            connection.execute("UPDATE run SET options = ?", (changed,))
            connection.close()
            error = self.assay("probe", code=1).stderr
            self.assertIn(said, error)
            self.assertNotIn("unexpected", error)

    def test_the_counts_of_inputs_add_up(self):
        # 369 were said to be tried and 120 allowed, with none refused, raising, slow or unstable.
        odd = "def largest(numbers):\n    if len(numbers) == 2:\n        raise ValueError\n    return max(numbers) if numbers else 0\n"
        contract = "\n    assert all(n >= 0 for n in numbers)\n"
        for more in ({}, {"reference": odd, "base": [[[1, 2, 3]]]}, {"contract": contract}, {"contract": "\n    assert numbers in ([7], [3, 3, 2])\n"}):
            with self.subTest(more):
                self.db.unlink(missing_ok=True)
                self.judge(RIGHT, problem={**LARGEST, **more})
                one, = self.json("probe", "--inputs", "120")["datasets"][0]["problems"]
                self.assertEqual(one["tried"], sum(one[key] for key in ("allowed", "refused", "raised", "slow", "unstable")), one)
                self.assertEqual(one["allowed"], 0 if "in ([7]" in more.get("contract", "") else 120)

    def test_only_problems_with_a_witness_get_the_suite(self):
        # A budget that reached nothing replaced a complete file by one in which every suite `probe` was empty.
        problems = [{**LARGEST, "task_id": f"Own/{i}"} for i in range(2)]
        self.dataset = self.write("own.jsonl", problems)
        self.run_samples(self.samples(("Own/0", RIGHT), ("Own/1", RIGHT), ("Own/1", NO_EMPTY)))
        new = self.folder / "new.jsonl"
        self.assay("probe", "--inputs", "50", "-o", new)
        rows = {row["task_id"]: row for row in map(json.loads, new.read_text().splitlines()[1:])}
        self.assertEqual((rows["Own/0"].get("suites"), rows["Own/1"]["suites"]), (None, {"probe": [[[]]]}))
        self.assertEqual((rows["Own/0"]["base"], rows["Own/0"]["plus"]), (LARGEST["base"], LARGEST["plus"]))
        before = new.read_text()
        said = self.assay("probe", "--inputs", "50", "--budget", "0.001s", "-o", new).stderr
        self.assertIn("new.jsonl: not written", said)
        self.assertEqual(new.read_text(), before)
        self.dataset = new
        self.run_samples(self.folder / "samples.jsonl", "--suite", "probe")
        self.assertEqual(self.statuses("probe"), {("Own/1", "0"): "pass", ("Own/1", "1"): "error"})

    def test_what_was_lost_is_tried_again(self):
        # Programs that were not judged for a failure of ours stayed so: FILE.partial kept the result without them.
        spins = "import time\nwhile time.process_time() < 1:\n    pass\n" + RIGHT
        problems = [{**LARGEST, "task_id": f"Own/{i}"} for i in range(2)]
        self.dataset = self.write("own.jsonl", problems)
        self.run_samples(self.samples(("Own/0", spins), ("Own/1", NO_EMPTY)))
        new, partial = self.folder / "new.jsonl", self.folder / "new.jsonl.partial"
        process = subprocess.Popen(self.command("probe", "--inputs", "20", "-o", new, "--json"), stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        while process.poll() is None:
            for pid in descendants(process.pid):
                if cpu_seconds(pid) > 0.7:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        told = {one["task_id"]: one for one in json.loads(process.stdout.read())["datasets"][0]["problems"]}
        process.stdout.close()
        self.assertEqual([told[task]["lost"] for task in ("Own/0", "Own/1")], [1, 0])
        self.assertEqual([json.loads(line)["reply"]["task_id"] for line in partial.read_text().splitlines()], ["Own/1"])
        again, = self.json("probe", "--inputs", "20", "-o", new)["datasets"]
        self.assertEqual([(one["lost"], one["programs"]) for one in again["problems"]], [(0, 1), (0, 1)])
        self.assertFalse(partial.exists())

    def test_a_budget_ends_it_and_what_is_done_stays(self):
        problems = [{**LARGEST, "task_id": f"Own/{i}"} for i in range(4)]
        self.dataset = self.write("own.jsonl", problems)
        self.run_samples(self.samples(*((one["task_id"], NO_EMPTY) for one in problems)))
        told = self.json("probe", "--budget", "0.001s")
        self.assertFalse(told["complete"])
        self.assertEqual(told["datasets"][0]["not_reached"], 4)
        self.assertIsNone(told["datasets"][0]["totals"]["share"])
        for bad in ("0", "-1s", "soon", "5x"):
            self.assertIn("--budget", self.assay("probe", f"--budget={bad}", code=2).stderr)

    def test_a_killed_probe_goes_on_and_comes_to_the_same(self):
        # A reference that takes a while for each input, so that the kill falls in the middle.
        slow = {**LARGEST, "reference": "def largest(numbers):\n    for _ in range(5000):\n        pass\n" +
                "    return max(numbers) if numbers else 0\n"}
        problems = [{**slow, "task_id": f"Own/{i}"} for i in range(6)]
        self.dataset = self.write("own.jsonl", problems)
        self.run_samples(self.samples(*((one["task_id"], text) for one in problems for text in (RIGHT, NO_EMPTY))))
        whole = self.json("probe", "--inputs", "100", "-o", self.folder / "whole.jsonl")
        new = self.folder / "new.jsonl"
        partial = self.folder / "new.jsonl.partial"
        process = subprocess.Popen(self.command("probe", "--inputs", "100", "-o", new, "-j", "1", "--json"),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (partial.exists() and partial.stat().st_size > 0):
            time.sleep(0.01)
        children = descendants(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.assertEqual(wait_until_gone(children), set())
        self.assertFalse(new.exists())
        with open(partial, "a", encoding="utf-8") as file:  # as a kill in the middle of a line leaves it
            file.write('{"key":"ab')
        again = self.assay("probe", "--inputs", "100", "-o", new, "--json")
        self.assertIn("what was probed before is taken from there", again.stderr)
        self.assertEqual(json.loads(again.stdout), whole)
        self.assertEqual(new.read_text(), (self.folder / "whole.jsonl").read_text())
        self.assertFalse(partial.exists())

    def test_what_stands_in_the_way_is_said(self):
        self.judge(NO_ONE)
        self.assertIn("holds no program that gold accepts", self.assay("probe", code=1).stderr)
        self.judge(RIGHT)
        new = self.folder / "new.jsonl"
        partial = self.folder / "new.jsonl.partial"
        partial.write_text("something else\n")
        self.assertIn("give -o a file of its own", self.assay("probe", "-o", new, code=1).stderr)
        self.assertIn("-o", self.assay("probe", "-o", self.db, code=2).stderr)
        self.write("own.jsonl", [{**LARGEST, "base": [[[9]]]}])
        told = self.probe()
        self.assertIn("no longer the one that was judged", told["problems"][0]["trouble"])
        self.assertIsNone(told["totals"]["share"])


if __name__ == "__main__":
    unittest.main()
