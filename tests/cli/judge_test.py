"""`assay judge`: questions as JSON lines in, verdicts as JSON lines out, whatever comes in between."""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from support import ASSAY, RIGHT, AssayTest


def ask(*, code=None, **keys):
    return ({"code": code} if code is not None else {}) | keys


ADDS_ONE = "print(int(input()) + 1)"
ODD = "import sys\nsys.exit(0 if int(open(sys.argv[2]).read()) % 2 else 1)\n"
ONE_TEST = [{"input": "1\n", "output": "2"}]


class JudgeTest(AssayTest):
    def judge(self, questions, *arguments, code=0):
        lines = "".join((q if isinstance(q, str) else json.dumps(q)) + "\n" for q in questions)
        done = self.assay("judge", *arguments, input=lines, code=code)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def by_id(self, questions, *arguments, code=0):
        return {answer.get("id", answer.get("line")): answer for answer in self.judge(questions, *arguments, code=code)}

    def test_a_problem_of_a_benchmark(self):
        answers = self.by_id(
            [ask(id="right", task_id="Own/0", solution=RIGHT["Own/0"]),
             ask(id="wrong", task_id="Own/1", solution="def double(x):\n    return 2 * x if x > 0 else 0\n"),
             ask(id="rest", task_id="Own/1", completion="    return x + x\n"),
             ask(id="weak", task_id="Own/1", suite="base", code="def double(x):\n    return {1: 2, 2: 4}[x]\n")],
            "--dataset", self.dataset)
        self.assertEqual({key: (a["status"], a["reward"]) for key, a in answers.items()},
                         {"right": ("pass", 1), "wrong": ("fail", 0), "rest": ("pass", 1), "weak": ("pass", 1)})
        self.assertEqual(answers["right"]["passed"], 5)
        self.assertEqual(answers["wrong"]["suites"]["base"]["status"], "pass")
        witness = answers["wrong"]["witness"]
        self.assertEqual((witness["input"], witness["expected"], witness["actual"]), ("(-3,)", "-6", "0"))

    def test_verdicts_are_those_of_run(self):
        texts = [RIGHT["Own/0"], "def largest(numbers):\n    return numbers[0]\n", "def largest(n:\n", "while True: pass\n",
                 "def largest(numbers):\n    return 1 / 0\n", "x = 1\n", "import os\nos._exit(0)\n",
                 "def largest(numbers):\n    return max(numbers) if sum(numbers) > 0 else 0\n"]
        self.run_samples(self.samples(*[("Own/0", text) for text in texts]))
        stored = self.statuses("base")
        answers = self.by_id([ask(id=i, task_id="Own/0", solution=text, suite="base") for i, text in enumerate(texts)],
                             "--dataset", self.dataset)
        self.assertEqual({i: a["status"] for i, a in answers.items()},
                         {i: stored["Own/0", str(i)] for i in range(len(texts))})

    def test_a_problem_of_its_own(self):
        answers = self.by_id([
            ask(id="io", code=ADDS_ONE, tests=ONE_TEST),
            ask(id="io wrong", code="print(3)", tests=ONE_TEST),
            ask(id="either", code="print(3)", tests=[{"input": "", "output": ["2", "3"]}]),
            ask(id="near", code="print(0.30000004)", tests=[{"input": "", "output": "0.3"}], tolerance=1e-6),
            ask(id="checked", code="print(5)", tests=[{"input": "", "output": "1"}], checker=ODD),
            ask(id="checked wrong", code="print(4)", tests=[{"input": "", "output": "1"}], checker=ODD),
            ask(id="code", code="def f(x): return x + 1\n", entry_point="f", tests="assert f(1) == 2\n"),
            ask(id="code wrong", code="def f(x): return x\n", entry_point="f", tests="assert f(1) == 2\n"),
            ask(id="bad reference", code="def f(x): return x + 1\n", entry_point="f", reference="def f(x): return x\n",
                tests="assert f(1) == 2\n"),
            ask(id="inputs", code="def f(x): return x\n", entry_point="f", reference="def f(x): return abs(x)\n",
                base=[[1], [2]], plus=[[-1]]),
            ask(id="whole", code="def f(x): return 10 ** 30 + x\n", problem={
                "task_id": "Big/0", "prompt": "", "entry_point": "f", "reference": "def f(x): return x + 10 ** 30\n",
                "base": [[10 ** 40]]}),
            ask(id="run", code="print(input() * 2)", stdin="ab\n"),
            ask(id="marked", code="\ufeffprint(2)", tests=ONE_TEST),
            ask(id="chat", code="Here:\n```python\nprint(2)\n```\nDone.", extract=True, tests=ONE_TEST)], code=3)
        self.assertEqual({key: (a["status"], a["reward"]) for key, a in answers.items()},
                         {"io": ("pass", 1), "io wrong": ("fail", 0), "either": ("pass", 1), "near": ("pass", 1),
                          "checked": ("pass", 1), "checked wrong": ("fail", 0),
                          "code": ("pass", 1), "code wrong": ("fail", 0), "bad reference": ("missing", None),
                          "inputs": ("fail", 0), "whole": ("pass", 1), "run": ("pass", None), "marked": ("pass", 1), "chat": ("pass", 1)})
        self.assertIn("reference does not pass", answers["bad reference"]["message"])
        self.assertEqual(answers["run"]["stdout"], "abab\n")

    @unittest.skipUnless(shutil.which("g++"), "no g++")
    def test_another_language(self):
        adds = "#include <iostream>\nint main() { int a; std::cin >> a; std::cout << a + %d; }\n"
        answers = self.by_id([ask(id="right", language="c++", code=adds % 1, tests=ONE_TEST),
                              ask(id="wrong", language="cpp", code=adds % 2, tests=ONE_TEST),
                              ask(id="no program", language="cpp", code="int main({", tests=ONE_TEST)])
        self.assertEqual({key: (a["status"], a["reward"]) for key, a in answers.items()},
                         {"right": ("pass", 1), "wrong": ("fail", 0), "no program": ("syntax", 0)})

    def test_bad_lines_are_answered_and_the_rest_goes_on(self):
        answers = self.judge(["no json", "", json.dumps([1]), ask(id=1, code="x"), ask(id=2, code="x", tests=[]),
                              ask(id=3, code="x", completion="y", tests=ONE_TEST), ask(id=4, tests=ONE_TEST),
                              ask(id=5, code="x", task_id="Own/9"), ask(id=6, code="x", testz=ONE_TEST),
                              ask(id=7, code="x", task_id="Own/0", suite="hard"), ask(id=[8], code="x", tests=ONE_TEST),
                              ask(id=9, code="x", language="cobol", tests=ONE_TEST), '{"id": 10, "code": "\\ud800"',
                              ask(id=11, code=ADDS_ONE, tests=ONE_TEST),
                              ask(id=12, code="x", problem={"task_id": "C/0", "language": "cobol", "suites": {"a": ONE_TEST}})],
                             "--dataset", self.dataset, code=3)
        bad = {a["line"]: a["error"] for a in answers if "error" in a}
        self.assertEqual(sorted(bad), [1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15])
        for line, word in [(5, "no test"), (6, "one program"), (7, "no program"), (8, 'no problem "Own/9"'),
                           (9, '"testz"'), (10, "it has base, plus, official"), (11, '"id"'), (12, "cobol"), (15, "cobol")]:
            self.assertIn(word, bad[line])
        self.assertEqual({a["id"]: a["status"] for a in answers if "error" not in a}, {1: "error", 11: "pass"})

    def test_reward_alone(self):
        answers = self.judge([ask(id=1, code=ADDS_ONE, tests=ONE_TEST), ask(code="", tests=ONE_TEST)], "--reward")
        self.assertEqual(sorted(answers, key=str), sorted(
            [{"id": 1, "reward": 1, "status": "pass"}, {"line": 2, "reward": 0, "status": "fail"}], key=str))

    def test_the_same_question_is_judged_once(self):
        questions = [ask(id=i, code=ADDS_ONE, tests=ONE_TEST) for i in range(500)]
        answers = self.by_id(questions + [ask(id="other", code=ADDS_ONE + "\n", tests=ONE_TEST)])
        self.assertEqual({a["reward"] for a in answers.values()}, {1})
        self.assertEqual(sum("cached" not in answers[i] for i in range(500)), 1)
        self.assertNotIn("cached", answers["other"])

    def test_time_near_a_limit_is_decided_alone(self):
        spin = ("import time\nwhile time.process_time() < %s: pass\n"
                "def largest(n): return max(n)\n")
        answers = self.by_id(
            [ask(id=f"near {i}", task_id="Own/0", solution=spin % 0.95 + f"# {i}\n", suite="base") for i in range(2)] +
            [ask(id=f"quick {i}", task_id="Own/0", solution=RIGHT["Own/0"] + f"# {i}\n", suite="base") for i in range(50)],
            "--dataset", self.dataset, "--limits", "load_cpu_s=1")
        self.assertEqual({a["status"] for a in answers.values()}, {"pass"})
        self.assertEqual({key for key, a in answers.items() if a.get("marginal")}, {"near 0", "near 1"})

    def start(self, *arguments):
        return subprocess.Popen([ASSAY, "judge", "--quiet", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def test_answers_come_before_the_input_ends(self):
        with self.start() as running:
            for i in range(3):
                running.stdin.write(json.dumps(ask(id=i, code=ADDS_ONE, tests=ONE_TEST)) + "\n")
                running.stdin.flush()
                self.assertEqual(json.loads(running.stdout.readline())["id"], i)
            running.stdin.close()
            self.assertEqual(running.wait(30), 0)

    def test_reading_waits_while_enough_is_under_way(self):
        sleeper = json.dumps(ask(code="import time\ntime.sleep(60)\n", tests=ONE_TEST)) + "\n"
        with self.start("--in-flight", "4", "-j", "1") as running:
            os.set_blocking(running.stdin.fileno(), False)
            line, written = (json.dumps(ask(id=1, code="#" * 100_000, tests=ONE_TEST)) + "\n").encode(), 0
            left, until = sleeper.encode(), time.time() + 3
            while time.time() < until:
                try:
                    count = os.write(running.stdin.fileno(), left)
                    written, left = written + count, left[count:] or line
                except BlockingIOError:
                    time.sleep(0.05)
            self.assertLess(written, 1_500_000)
            running.send_signal(signal.SIGTERM)
            out, _ = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 130)
        self.assertEqual({json.loads(line)["status"] for line in out.splitlines()}, {"cancelled"})

    def test_interrupted_everything_is_answered(self):
        with self.start("-j", "2") as running:
            for i in range(100):
                running.stdin.write(json.dumps(ask(id=i, code=f"import time\ntime.sleep({60 + i})\n", tests=ONE_TEST)) + "\n")
            running.stdin.flush()
            time.sleep(1.5)
            running.send_signal(signal.SIGINT)
            out, _ = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 130)
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(sorted(a["id"] for a in answers), list(range(100)))
        self.assertEqual({(a["status"], a["reward"]) for a in answers}, {("cancelled", None)})

    def test_a_reader_that_leaves_ends_it(self):
        with self.start() as running:
            running.stdin.write(json.dumps(ask(id=1, code="import time\ntime.sleep(60)\n", tests=ONE_TEST)) + "\n")
            running.stdin.flush()
            running.stdout.close()
            began = time.time()
            self.assertEqual(running.wait(20), 0)
            self.assertLess(time.time() - began, 10)

    def test_wrong_usage(self):
        self.assertIn("exclude", self.assay("judge", "--extract", "--as-is", code=2).stderr)
        self.assertIn("--suite hard", self.assay("judge", "--dataset", self.dataset, "--suite", "hard", code=2).stderr)
        self.assertIn("cannot be read", self.assay("judge", str(self.folder / "none"), code=1).stderr)


if __name__ == "__main__":
    unittest.main()
