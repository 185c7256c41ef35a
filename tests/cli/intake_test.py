#!/usr/bin/env python3
"""Whatever form a right answer comes in, it is judged right; the rule that found it is stored with the sample."""
import unittest

from chat_forms import CHAT, COMPLETIONS, Answer
from support import AssayTest

PROMPT = '''import math
from typing import List


def doubled(number):
    return number * 2


def total(numbers: List[int]) -> int:
    """The sum of the doubled numbers.
    >>> total([1, 2])
    6
    """
'''
BODY = "    found = 0\n    for number in numbers:\n        found += doubled(number)\n    return int(math.fabs(found))\n"
FUNCTION = "def total(numbers: List[int]) -> int:\n" + BODY
PROGRAM = PROMPT[:PROMPT.index("def total")] + FUNCTION
ANSWER = Answer(PROGRAM, FUNCTION, BODY, "total", PROMPT)
PROBLEM = {"task_id": "Own/0", "prompt": PROMPT, "entry_point": "total", "reference": PROGRAM,
           "base": [[[1, 2]], [[]], [[7]]]}


class Intake(AssayTest):
    def judge(self, rows, *options, problem=PROBLEM):
        """What became of each row, by its model's name: (status, rules, chosen, program)."""
        self.db.unlink(missing_ok=True)
        dataset = self.write("total.jsonl", [problem])
        samples = self.write("samples.jsonl", [{"task_id": "Own/0", **row} for row in rows])
        done = self.assay("run", "--dataset", dataset, "--samples", samples, *options)
        self.said = done.stderr
        found = self.query(
            "SELECT model.name, verdict.status, rules, chosen, text FROM sample JOIN model ON model.id = model_id "
            "JOIN program ON program.id = program_id JOIN verdict USING (program_id)")
        return {name: (status, rules.split(), chosen, program) for name, status, rules, chosen, program in found}

    def check(self, forms, key, *options):
        found = self.judge([{"model": name, key: form(ANSWER)} for name, (form, _) in forms.items()], *options)
        for name, (form, rule) in forms.items():
            with self.subTest(name, key=key, text=form(ANSWER)):
                status, rules, _, program = found[name]
                self.assertEqual(status, "pass", program)
                self.assertIn(rule, rules or [""])

    def test_chat_answers_as_solutions(self):
        self.check(CHAT, "solution", "--extract")

    def test_chat_answers_as_completions(self):
        # A whole answer, unfenced, is what continues the prompt: Python takes it as it is.
        rules = {"bare": "", "bare, blank lines before": "", "prose behind, no fence": "cut",
                 "end of text token, bare": "end_of_text"}
        self.check({name: (form, rules.get(name, rule)) for name, (form, rule) in CHAT.items()}, "completion", "--extract")

    def test_completions(self):
        self.check(COMPLETIONS, "completion")

    def test_no_program_is_said(self):
        found = self.judge([{"model": "prose", "solution": "I cannot write that."},
                            {"model": "draft", "solution": "<think>\n```python\n" + PROGRAM + "\n```\nor rather"},
                            {"model": "empty", "solution": "   \n"}], "--extract")
        for model in ("prose", "draft", "empty"):
            self.assertEqual(found[model][:2], ("no_program", ["no_program"]), found[model])
        self.assertEqual(found["draft"][2], "a draft that is never closed")

    def test_as_is(self):
        texts = {"lost": "found = 0\n    return found\n", "runs on": BODY + "\nassert False\n"}
        found = self.judge([{"model": name, "completion": text} for name, text in texts.items()], "--as-is")
        for name, text in texts.items():
            self.assertEqual(found[name][1:], ([], "", PROMPT + text))
        self.assertEqual(found["lost"][0], "syntax")

    def test_helpers_behind_the_function_stay(self):
        # What follows the function was cut away whole, and right programs were called `error`.
        behind = ("    return sum(later(n) for n in numbers)\n\n\nFACTOR = 2\n\n\ndef later(n):\n    return operator.mul(n, FACTOR)\n\n\n"
                  "import operator\nprint(total(input()))\n\n\ndef unused():\n    pass\n")
        status, rules, _, program = self.judge([{"model": "m", "completion": behind}])["m"]
        self.assertEqual((status, rules), ("pass", ["cut"]))
        self.assertIn("import operator", program)
        self.assertNotIn("unused", program)
        self.assertNotIn("input", program)

    def test_what_fills_a_table_behind_the_function_stays(self):
        # Only assignments and calls of methods stayed; loops and functions that fill what the entry point needs were cut.
        fills = ["for i in range(100):\n    T[i] = 2 * i\n", "while len(D) < 100:\n    D.append(2 * len(D))\nT = D\n",
                 "def fill(n):\n    for i in range(n):\n        T[i] = 2 * i\n\nfill(100)\n",
                 "def init():\n    global T\n    T = [2 * i for i in range(100)]\n\ninit()\n",
                 "[T.__setitem__(i, 2 * i) for i in range(100)]\nif True:\n    T[:] = [2 * i for i in range(100)]\n",
                 "try:\n    T.extend(D)\n    T[:] = [2 * i for i in range(100)]\nexcept NameError:\n    pass\n",
                 "T[0], T[1], T[2], T[7] = 0, 2, 4, 14\n"]
        rows = [{"model": str(i), "completion": "    return sum(T[n] for n in numbers)\n\nT = [0] * 100\nD = []\n" + fill +
                 "\n\nfor n in range(3):\n    assert total([n]) == 'a wrong test'\n"} for i, fill in enumerate(fills)]
        found = self.judge(rows)
        for i, fill in enumerate(fills):
            with self.subTest(fill):
                status, rules, _, program = found[str(i)]
                self.assertEqual((status, rules), ("pass", ["cut"]), program)

    def test_other_names_and_languages_are_said(self):
        self.judge([{"model": "name", "solution": "def summed(numbers):\n    return 0\n"},
                    {"model": "c++", "solution": "#include <vector>\nint total(std::vector<int> v) { return 0; }\n"},
                    {"model": "js", "solution": "function total(numbers) {\n  return 0;\n}\n"}])
        said = self.assay("show", "Own/0").stdout
        self.assertIn("the entry point total is missing or not callable; the program defines summed", said)
        self.assertIn("it looks like C++", said)
        self.assertIn("it looks like JavaScript", said)

    def test_with_extract_another_name_or_language_is_still_said(self):
        # A fenced function of another name became a function within the entry point and a plain `fail`; an answer in
        # JavaScript was called no program.
        found = self.judge([{"model": "name", "completion": "```python\ndef Total(numbers):\n    return 0\n```\n"},
                            {"model": "js", "completion": "So:\n```javascript\nfunction total(numbers) {\n  return 0;\n}\n```\n"},
                            {"model": "bare js", "completion": "function total(numbers) {\n  return 0;\n}\n"}], "--extract")
        self.assertEqual({model: status for model, (status, *_) in found.items()},
                         {"name": "no_entry_point", "js": "syntax", "bare js": "syntax"})
        said = self.assay("show", "Own/0").stdout
        self.assertIn("the program defines Total", said)
        self.assertIn("it looks like JavaScript", said)

    def test_a_body_that_only_defines_is_what_python_makes_of_it(self):
        # It returns None: that is a plain fail of the whole text, and not a program of another name.
        text = "    def helper(n):\n        return n\n"
        for options in ([], ["--extract"]):
            status, rules, _, program = self.judge([{"model": "m", "completion": text}], *options)["m"]
            self.assertEqual((status, rules, program), ("fail", [], PROMPT + text))

    def test_fences_without_extract_are_remarked(self):
        fenced = "```python\n" + PROGRAM + "\n```\n"
        self.judge([{"model": "m", "solution": fenced}])
        self.assertIn("1 of 1 samples hold a code fence", self.said)
        self.assertIn("--extract", self.said)

    def test_what_became_of_the_samples(self):
        rows = [{"model": "m", "solution": "import nothing_there\n" + PROGRAM.replace("found = 0", f"found = 0  # {i}")}
                for i in range(12)]
        rows += [{"model": "m", "completion": BODY}, {"model": "m", "completion": BODY.lstrip()}]
        self.judge(rows)
        row = self.json("rates")["rows"][0]
        self.assertEqual(row["statuses"], {"base": {"error": 12, "pass": 2}})
        self.assertEqual(row["rules"], {"indent": 1})
        self.assertEqual(row["packages_lacking"], {"nothing_there": 12})
        self.assertEqual(row["hint"], "12 of 14 samples end alike: error, ModuleNotFoundError: No module named 'nothing_there'")
        text = self.assay("rates").stdout
        self.assertIn("base: 12 error, 2 pass", text)
        self.assertIn("1 indent", text)
        self.assertIn("lacking a package: 12 nothing_there; --packages", text)
        header, values = (line.split(",") for line in self.assay("rates", "--csv").stdout.splitlines())
        self.assertEqual(dict(zip(header, values, strict=True))["samples_error"], "12")

    def test_show_says_which_rules_made_a_program(self):
        self.judge([{"model": "m", "solution": "So:\n```python\n" + PROGRAM + "\nassert False\n```"}], "--extract")
        self.assertIn("  made by  fenced cut: fenced block, 1 of 1, from line 2\n", self.assay("show").stdout)
        sample = self.json("show")["programs"][0]["samples"][0]
        self.assertEqual((sample["sample_id"], sample["form"], sample["rules"]), ("0", "solution+extract", "fenced cut"))

    def test_an_option_takes_no_more_than_its_value(self):
        # --packages swallowed the file behind it, and other benchmarks were checked in its place.
        dataset = self.write("total.jsonl", [PROBLEM])
        self.assertIn("total.jsonl", self.assay("datasets", "check", "--packages", "numpy", dataset).stdout)

    def test_wrong_passes_that_only_ran_out_of_time(self):
        slow = PROGRAM.replace("    found = 0\n", "    found = 0\n    while numbers == [9]:\n        pass\n")
        wrong = PROGRAM.replace("    found = 0\n", "    found = numbers == [9]\n")
        self.judge([{"model": "m", "solution": text} for text in (slow, wrong, PROGRAM)],
                   problem={**PROBLEM, "plus": [[[9]], [[8]]]})
        row = self.json("rates")["rows"][0]
        self.assertEqual((row["fp"], row["fp_timeout"]), (2, 1))
        self.assertAlmostEqual(row["fdr"], 2 / 3)
        self.assertAlmostEqual(row["fdr_timeouts_right"], 1 / 3)
        self.assertIn("1 of 2 wrong passes only ran out of time by base,plus", self.assay("rates").stdout)

    def test_hostile_texts_end_as_they_are(self):
        deep = "(" * 5000 + ")" * 5000
        rows = [{"model": "deep", "completion": "x = " + deep}, {"model": "chain", "completion": "-" * 200000 + "1"},
                {"model": "nul", "completion": "x\u0000"}, {"model": "right", "completion": BODY},
                {"model": "digits", "completion": "    return " + "9" * 20000 + "\n\nx = 1\n"},
                {"model": "fences", "completion": "```\n" * 20000}, {"model": "braces", "completion": '{"code": ' * 20000}]
        for options in ((), ("--extract",)):
            found = self.judge(rows, *options)
            self.assertEqual(found["right"][0], "pass")
            self.assertEqual({status for name, (status, *_) in found.items() if name != "right"} - {"fail"} - {"no_program"},
                             {"syntax"} if not options else {"syntax"} & {s for s, *_ in found.values()})


if __name__ == "__main__":
    unittest.main()
