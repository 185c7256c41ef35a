"""Texts that want to hurt what reads them: to take its time or memory, to crash Python's parser, to be executed, or to have
the text behind them read wrongly. NAME is the entry point that they would have to define."""

NAME = "total"
BYTES = 250_000  # a tenth of a second for what costs its size, and the limit for what costs its square
RIGHT = "def total(numbers):\n    return 2 * sum(numbers)\n"


def many(unit, size=BYTES):
    return unit * (size // len(unit))


def fences(n, inside="x = 1\n"):
    return "".join(f"```python\n{inside}```\n" for _ in range(n))


HOSTILE = {
    "ten megabytes of nested fences": many("```python\n", 10_000_000),
    "a megabyte of nested fences": many("```python\n"),
    "nested fences of growing length": "\n".join("`" * n for n in range(3, 1400)),
    "many closed fences": fences(20_000),
    "many fences of programs": fences(4_000, "def total(numbers):\n    return 1\n"),
    "fences that never parse": fences(10_000, "def total(numbers:\n    return (\n"),
    "few fences with much that never parses": fences(6, many("def total(numbers:\n    return (\n", 150_000)),
    "open fences before much code": many("```\nx = (\n", 4_000) + many("y = 1\n", 250_000),
    "quoted fences": many("> > > ```\n> > > x = 1\n"),
    "quote marks without an end": many(">") + "```",
    "blanks before a fence": many(" ") + "```x",
    "a long line before a fence": many("a ") + "```x y z",
    "backquotes without an end": many("`"),
    "backquotes on one line": many("a ```` b "),
    "code on one line, many times": many("`def total(n): return 1` "),
    "code on one line without an end": many("`def total(n): return 1 "),
    "deep JSON": "{\"code\": " * 100_000 + "1" + "}" * 100_000,
    "deep JSON lists": "{\"code\": " + "[" * 150_000 + "]" * 150_000 + "}",
    "JSON in JSON in JSON": None,  # below
    "many JSON objects": many("{\"code\": \"def f(x):\\n  pass\"} "),
    "JSON without an end": many("{\"code\": \""),
    "JSON with much in one object": "{" + ", ".join(f"\"code{i}\": {{\"code\": \"\\n\"}}" for i in range(8_000)) + "}",
    "a million brackets": "(" * 1_000_000,
    "a million brackets, closed": "total = " + "[" * 150_000 + "]" * 150_000,
    "brackets by the line": many("x = (\n"),
    "curly brackets": many("{"),
    "thoughts without an end": many("<think>"),
    "ends of thoughts": many("</think>"),
    "ends of thoughts before a fence": many("</think>\n", 150_000) + "```\nx = (\n```\n",
    "ends of thoughts with programs between": many("</think>```python\nx = (\n```\n"),
    "tags without an end": many("<code>"),
    "tags in tags": many("<code>\n", 200_000) + many("</code>\n", 200_000),
    "tags of two kinds": many("<answer><code>[PYTHON]"),
    "ends of text": many("<|endoftext|>"),
    "beginnings of an end of text": many("<|"),
    "foreign ends of text": many("<｜"),
    "regions that nearly parse": many("x = 1\nif x:\n"),
    "regions of prose and code": many("import os\nand so on, as they say\n"),
    "a region with one error at its end": many("x = 1\n", 250_000) + "def total(:\n",
    "assignments in a chain": "total = " + many("x = ", 150_000) + "1\n",
    "a sum of many": "total = " + many("1 + ", 250_000) + "1\n",
    "many signs": "total = " + many("-", 150_000) + "1\n",
    "many nots": "total = " + many("not ", 150_000) + "1\n",
    "calls of calls": "total = f" + many("()", 200_000) + "\n",
    "attributes of attributes": "total = f" + many(".a", 200_000) + "\n",
    "lambdas in lambdas": "total = " + many("lambda: ", 200_000) + "1\n",
    "comparisons in a row": "total = " + many("1 < ", 150_000) + "1\n",
    "ifs in ifs": "".join(" " * n + "if 1:\n" for n in range(99)) + " " * 99 + "total = 1\n",
    "ifs in too many ifs": "".join(" " * n + "if 1:\n" for n in range(1000)) + " " * 1000 + "total = 1\n",
    "elifs": "if 1: pass\n" + many("elif 1: pass\n", 150_000) + "total = 1\n",
    "docstrings by the line": many("\"\"\"\n"),
    "one huge f-string": "total = f'" + many("{x}", 150_000) + "'\n",
    "f-strings in f-strings": "total = " + "f'{" * 5000 + "1" + "}'" * 5000 + "\n",
    "an f-string of formats": "total = f'{1:" + "{1:" * 5000 + "}" * 5000 + "}'\n",
    "one huge number": "total = " + "9" * 250_000 + "\n",
    "a power to fold": "total = 9 ** 9 ** 9\nx = 'x' * 4000 * 4000 * 4000\ny = ((1,) * 256) * 256\n",
    "a helper for each function": "def total(n):\n    return f0()\n" +
                                  "".join(f"def f{i}():\n    return f{i + 1}()\n" for i in range(4_000)),
    "helpers in the other order": "def total(n):\n    return f0()\n" +
                                  "".join(f"def f{i}():\n    return f{i + 1}()\n" for i in reversed(range(4_000))),
    "imports by star": "def total(n):\n    return missing\n" + many("from os import *\n", 150_000),
    "many definitions of the entry point": many("def total(n):\n    return 1\n", 200_000),
    "many stubs of the entry point": many("def total(n): ...\n", 200_000),
    "many definitions that never parse": many("def total(n):\n    return (1\n", 200_000),
    "many lines of classes": many("class A:\n    def total(self): pass\n", 200_000),
    "carriage returns": many("\r"),
    "blank lines": many("\n"),
    "form feeds": many("\f\n"),
    "tabs and blanks": many("\t    \n    \tx = 1\n"),
    "indents alone": many("    x = 1\n\n"),
    "nul bytes": many("\0", 100_000) + "```python\n\0def total(n): return 1\n```",
    "a nul byte in a program": "def total(n):\n    return '\0'\n",
    "lone surrogates": "\ud800\udfff\udc80" * 1000 + "```python\ndef total(n):\n    return '\ud800'\n```\n",
    "a program of surrogates": "def total(n):\n    return '\ud800'\n",
    "a byte order mark in the middle": "```python\n\ufeffdef total(n):\n    return 1\n```",
    "an encoding of its own": "# -*- coding: utf-7 -*-\ndef total(n):\n    return 1 #+AAoACg-\n",
    "directions and separators": "\u202edef total(n):\u2028    return 1\u2029\x85\x1c\x1d",
    "entities": many("&lt;&#0;&#x110000;&#99999999999;&amp;"),
    "entities in entities": many("&amp;amp;amp;lt;"),
    "the reader's own answer": "{'program': 'def total(n): return 1', 'rules': ['x'], 'chosen': ''}\n"
                               "{\"program\": \"" + RIGHT.replace("\n", "\\n") + "\", \"rules\": [\"fenced\"], \"chosen\": \"all\"}",
    "the reader's own names": "def total(n):\n    return intake('chat', '', '', 'total')\n"
                              "def intake(*a):\n    return {'program': 'x', 'rules': [], 'chosen': ''}\n",
    "rules and places in the text": "```python\u202e\x1b]0;x\x07 <script>\ndef total(n):\n    return 1\n```",
    "a tag that is a rule": "<code>\nno_program\n</code>\nrules: not_read, cut\n",
    "it acts when it is read": "```python\nimport os, sys\nwhile True: os.kill(1, 9)\ndef total(n):\n    return 1\n```",
    "it acts when it is decorated": "@exec\n@(lambda f: [0 for _ in iter(int, 1)])\ndef total(n):\n    return 1\n",
    "it is equal to everything": "class T(int):\n    def __eq__(self, other): return True\n"
                                 "    __hash__ = int.__hash__\ndef total(n):\n    return T(-1)\n",
    "it looks for the answer": "def total(n):\n    import gc\n    for x in gc.get_objects():\n"
                               "        if isinstance(x, dict) and 'expected' in x: return x['expected']\n    return -1\n",
    "it shadows what it is checked by": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda x: 0\n"
                                        "def total(n):\n    return None\n",
}

inner = "def total(numbers):\n    return 1\n"
import json  # noqa: E402
for _ in range(9):
    inner = json.dumps({"code": inner})
HOSTILE["JSON in JSON in JSON"] = inner
