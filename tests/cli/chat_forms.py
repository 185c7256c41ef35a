"""The forms in which models answer, each as a function from a right program to a text, with the rule that finds it again.

`program` is a whole program that is right, `function` the same without the imports and helpers of its prompt, `body` the
body of its entry point. Used by intake_test.py on a small problem and by tests/chat_answers.py on real samples.
"""
import json
import textwrap


class Answer:
    def __init__(self, program, function, body, name, prompt):
        self.program, self.function, self.body = program.rstrip("\n"), function.rstrip("\n"), body.rstrip("\n")
        self.name, self.prompt = name, prompt


STUB = "def {name}(*arguments):\n    ..."
WRONG = "def {name}(*arguments):\n    return 'a draft'"
PROSE = "The idea is simple: go over the input once (it's linear), and keep what matters.\n"


def quoted(text):
    return "\n".join("> " + line for line in text.split("\n"))


def tool_call(a):
    return json.dumps({"name": "submit", "arguments": json.dumps({"language": "python", "code": a.program})})


# name: (the form, a rule that must be among those stored)
CHAT = {
    "bare": (lambda a: a.program + "\n", ""),
    "bare, blank lines before": (lambda a: "\n\n" + a.program + "\n", ""),
    "fence with tag": (lambda a: f"```python\n{a.program}\n```", "fenced"),
    "fence without tag": (lambda a: f"```\n{a.program}\n```", "fenced"),
    "fence py": (lambda a: f"```py\n{a.program}\n```\n", "fenced"),
    "fence python3": (lambda a: f"``` python3\n{a.program}\n```\n", "fenced"),
    "fence with title": (lambda a: f"```python title=\"answer.py\"\n{a.program}\n```\n", "fenced"),
    "fence of tildes": (lambda a: f"~~~python\n{a.program}\n~~~\n", "fenced"),
    "fence of four": (lambda a: f"````python\n{a.program}\n````\n", "fenced"),
    "fence in capitals": (lambda a: f"```Python\n{a.program}\n```", "fenced"),
    "fence, windows lines": (lambda a: f"Sure!\n```python\n{a.program}\n```\nDone.".replace("\n", "\r\n"), "fenced"),
    "prose around": (lambda a: f"{PROSE}\n```python\n{a.program}\n```\n\nThis runs in linear time.", "fenced"),
    "fence on a line of prose": (lambda a: f"Here is the code: ```python\n{a.program}\n```\nDone.", "fenced"),
    "closing fence on the last line": (lambda a: f"```python\n{a.program}```\nDone.", "fenced"),
    "unclosed fence": (lambda a: f"Here it is.\n```python\n{a.program}\n", "fenced"),
    "unclosed fence, prose behind": (lambda a: f"```python\n{a.program}\n\nThis goes over the input once.\n", "fenced"),
    "closing fence only": (lambda a: f"{a.program}\n```\nThis is the answer.", "fenced"),
    "closing fence only, at the end": (lambda a: f"{a.program}\n```", "fenced"),
    "in a list": (lambda a: f"1. Write it:\n\n   ```python\n{textwrap.indent(a.program, '   ')}\n   ```\n2. Done.", "fenced"),
    "in a quote": (lambda a: quoted(f"```python\n{a.program}\n```") + "\n", "fenced"),
    "indented as code": (lambda a: f"Here it is:\n\n{textwrap.indent(a.program, '    ')}\n\nDone.\n", "region"),
    "usage behind": (lambda a: f"```python\n{a.program}\n```\nUse it so:\n```python\nprint({a.name}([1]))\n```", "fenced"),
    "usage before": (lambda a: f"You want\n```python\n{a.name}([1])\n```\nto work:\n```python\n{a.program}\n```", "fenced"),
    "output behind": (lambda a: f"```python\n{a.program}\n```\nIt prints\n```text\n6\n```", "fenced"),
    "shell before": (lambda a: f"```bash\npip install nothing\n```\n```python\n{a.program}\n```", "fenced"),
    "json before": (lambda a: f"```json\n{{\"plan\": 1}}\n```\n```python\n{a.program}\n```", "fenced"),
    "stub before": (lambda a: f"Complete\n```python\n{STUB.format(name=a.name)}\n```\nso:\n```python\n{a.program}\n```", "fenced"),
    "stub behind": (lambda a: f"```python\n{a.program}\n```\nYou gave:\n```python\n{STUB.format(name=a.name)}\n```", "fenced"),
    "own correction": (lambda a: f"```python\n{WRONG.format(name=a.name)}\n```\nNo, wait:\n```python\n{a.program}\n```", "fenced"),
    "draft in think": (lambda a: f"<think>\n```python\n{WRONG.format(name=a.name)}\n```\n</think>\n```python\n{a.program}\n```", "after_thought"),
    "draft, only </think>": (lambda a: f"{WRONG.format(name=a.name)}\nhmm\n</think>\n\n```python\n{a.program}\n```", "after_thought"),
    "draft in thinking": (lambda a: f"<thinking>{WRONG.format(name=a.name)}</thinking>\n{a.program}", "after_thought"),
    "draft in reasoning": (lambda a: f"<reasoning>\nfirst\n</reasoning>\n<answer>\n{a.program}\n</answer>", "tagged"),
    "[PYTHON]": (lambda a: f"[PYTHON]\n{a.program}\n[/PYTHON]\n[TESTS]\nassert {a.name}\n[/TESTS]", "tagged"),
    "[PYTHON] unclosed": (lambda a: f"[PYTHON]\n{a.program}\n", "tagged"),
    "<code>": (lambda a: f"<code>\n{a.program}\n</code>", "tagged"),
    "<answer> with a fence": (lambda a: f"<answer>\n```python\n{a.program}\n```\n</answer>", "fenced"),
    "<solution>": (lambda a: f"My answer.\n<solution>{a.program}</solution>", "tagged"),
    "escaped for HTML": (lambda a: "<code>\n" + a.program.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") +
                         "\n</code>", "tagged"),
    "tool call": (tool_call, "tool_call"),
    "tool call in prose": (lambda a: "I call the tool.\n" + tool_call(a) + "\nDone.", "tool_call"),
    "JSON with the code": (lambda a: "```json\n" + json.dumps({"code": a.program}, indent=1) + "\n```", "tool_call"),
    "prose before, no fence": (lambda a: f"Here is the function that you asked for:\n\n{a.program}\n", "region"),
    "prose behind, no fence": (lambda a: f"{a.program}\n\nThis function does it; it's linear.\n", "region"),
    "prose on both sides, no fence": (lambda a: f"Sure! The solution:\n\n{a.program}\n\nLet me know if it's wrong.\n", "region"),
    "prompt repeated before": (lambda a: f"```python\n{a.prompt}```\nbecomes\n```python\n{a.program}\n```", "fenced"),
    "imports left to the prompt": (lambda a: f"```python\n{a.function}\n```", "fenced"),
    "body in a fence": (lambda a: f"Fill in:\n```python\n{a.body}\n```", "body"),
    "body in a fence, at the margin": (lambda a: f"Fill in:\n```python\n{textwrap.dedent(a.body)}\n```", "body"),
    "main guard with input()": (lambda a: f"```python\n{a.program}\n\n\nif __name__ == '__main__':\n    print({a.name}(input()))\n```", "cut"),
    "input() at the top level": (lambda a: f"```python\n{a.program}\n\nn = int(input())\nprint({a.name}(n))\n```", "cut"),
    "own wrong test": (lambda a: f"```python\n{a.program}\n\nassert {a.name}() == 'nonsense'\n```", "cut"),
    "own tests in unittest": (lambda a: f"```python\nimport unittest\n\n{a.program}\n\n\nclass Test(unittest.TestCase):\n"
                              f"    def test_it(self):\n        {a.name}()\n\n\nunittest.main()\n```", "cut"),
    "end of text token": (lambda a: f"```python\n{a.program}\n```<|im_end|>\n<|im_start|>user\nnext", "fenced"),
    "end of text token, bare": (lambda a: f"{a.program}\n<|endoftext|>\nimport nothing_that_is_there\n", "region"),
    "chat template around": (lambda a: f"<|im_start|>assistant\n```python\n{a.program}\n```\n<|im_end|>", "fenced"),
    "bold heading": (lambda a: f"**Solution**\n\n```python\n{a.program}\n```\n\n**Complexity**: O(n)", "fenced"),
    "inline code around": (lambda a: f"Use `{a.name}` so: `x = 1`.\n```python\n{a.program}\n```\nCall `{a.name}(...)`.", "fenced"),
    "fence in a docstring": (lambda a: f"```python\ndef note():\n    \"\"\"\n    ```\n    note()\n    ```\n    \"\"\"\n\n\n{a.program}\n```", "fenced"),
    "two blocks, imports first": (lambda a: f"First:\n```python\nimport math as m0\n\nKEPT = m0.pi\n```\nthen\n```python\n"
                                  f"{a.program}\n\n\n{a.name}.pi = KEPT\n```", "joined"),
    "an interpreter's session": (lambda a: f"```\n{session(a.program)}\n```", "session"),
    "an interpreter's session, no fence": (lambda a: session(a.program) + "\n", "session"),
    "an IPython session": (lambda a: "```\n" + "".join(
        f"{'In [1]:' if not i else '   ...:'} {line}".rstrip() + "\n" for i, line in enumerate(a.program.split("\n"))) + "Out[1]: 2\n```", "session"),
    "a notebook": (lambda a: json.dumps({"cells": [{"cell_type": "code", "source": a.program.splitlines(keepends=True)}]}), "tool_call"),
    "a tool call with lines": (lambda a: json.dumps({"arguments": {"code": a.program.split("\n")}}), "tool_call"),
    "class Solution, no fence": (lambda a: f"{prompt_part(a)}class Solution:\n{textwrap.indent(as_method(a), '    ')}\n", "class_method"),
    "class Solution among prose": (lambda a: f"Sure:\n\n{prompt_part(a)}class Solution:\n{textwrap.indent(as_method(a), '    ')}\n\nIt's linear.\n",
                                   "class_method"),
    "lines numbered by cat": (lambda a: "```\n" + "".join(f"{i:6}→{line}\n" for i, line in enumerate(
        filter(str.strip, a.program.split("\n")), 1)) + "```", "line_numbers"),
    "a diff": (lambda a: "```diff\n--- a.py\n+++ a.py\n@@ -1,2 +1,9 @@\n-def old():\n-    pass\n" +
               "".join(f"+{line}\n" for line in a.program.split("\n")) + "```", "diff"),
    "numbered lines": (lambda a: "```python\n" + "".join(f"{i:3} {line}\n" for i, line in enumerate(
        filter(str.strip, a.program.split("\n")), 1)) + "```", "line_numbers"),
    "a space of no width": (lambda a: f"```python\n\u200b{a.program}\n```", "look_alike"),
    "spaces that do not break": (lambda a: "```python\n" + a.program.replace("    ", "\u00a0   ") + "\n```", "look_alike"),
    "class Solution": (lambda a: f"```python\n{prompt_part(a)}class Solution:\n{textwrap.indent(as_method(a), '    ')}\n```", "class_method"),
}


def prompt_part(a):
    at = a.program.find(a.function)
    return a.program[:at] if at > 0 else ""


def session(program):
    lines = program.strip("\n").split("\n")  # nobody types "..." before the first ">>>"
    marks = [">>> " if line[:1].strip() and (not i or not lines[i - 1].startswith("@")) else "... " for i, line in enumerate(lines)]
    return "\n".join((mark + line).rstrip() for mark, line in zip(marks, lines)) + "\n>>> 1 + 1\n2"


def as_method(a):
    """The function as a method; one that calls itself by name would not be found there."""
    return a.function.replace(f"def {a.name}(", f"def {a.name}(self, ", 1)


# Texts that continue the prompt, read without --extract.
COMPLETIONS = {
    "body": (lambda a: a.body + "\n", ""),
    "blank line, then the body": (lambda a: "\n" + a.body + "\n", ""),
    "comment at the margin": (lambda a: "# so\n" + a.body + "\n", ""),
    "first indentation lost": (lambda a: a.body.lstrip() + "\n", "indent"),
    "every indentation lost": (lambda a: textwrap.dedent(a.body) + "\n", "indent"),
    "whole function": (lambda a: a.function + "\n", ""),
    "blank line, then the whole function": (lambda a: "\n" + a.function + "\n", ""),
    "prompt and all repeated": (lambda a: a.prompt + a.body + "\n", ""),
    "runs on: tests": (lambda a: a.body + f"\n\nassert {a.name}() == 'nonsense'\n", "cut"),
    "runs on: main": (lambda a: a.body + f"\n\nif __name__ == '__main__':\n    print({a.name}(input()))\n", "cut"),
    "runs on: half a function": (lambda a: a.body + "\n\n\ndef another(x):\n    \"\"\"What is", "cut"),
    "runs on: a class that raises": (lambda a: a.body + "\n\n\nclass Another(NotThere):\n    pass\n", "cut"),
    "runs on: a stub of itself": (lambda a: a.body + f"\n\n\ndef {a.name}(*arguments):\n    pass\n", "cut"),
    "runs on: prose": (lambda a: a.body + "\n\nThis function goes over the input once.\n", "cut"),
    "runs on: a fence": (lambda a: a.body + "\n```\n\nIt is linear.\n", "cut"),
    "end of text token": (lambda a: a.body + "\n<|endoftext|>import os\nos.nothing_that_is_there\n", "end_of_text"),
    "end of text token on the last line": (lambda a: a.body + "</s>", "end_of_text"),
    "fenced": (lambda a: f"```python\n{a.function}\n```\n", "fence"),
    "a space of no width": (lambda a: "\u200b" + a.body + "\n", "look_alike"),
}
