"""Reads the problem files and makes the rows of problems.jsonl. The convention is in README.md."""

import ast
import copy
import doctest
import random
import re
from pathlib import Path

import draws
from values import same, to_json, to_source

SEED = "assay-builtin-1"  # a new benchmark is a new seed: rows never change under an old one
PLUS_INPUTS = 240
SIZES = 25  # draw() is asked for sizes 0 .. 24 in turn

HERE = Path(__file__).resolve().parent
SECTION = re.compile(r"^#: (problem|solution|inputs)\n", re.MULTILINE)


class Problem:
    """One problem as written: its reference first among `programs`, and the inputs section."""

    def __init__(self, where, reference):
        tree = ast.parse(reference)
        function = tree.body[-1]
        if not isinstance(function, ast.FunctionDef) or ast.get_docstring(function) is None:
            raise SystemExit(f"{where}: a #: problem section ends in one function with a docstring")
        lines = reference.splitlines(keepends=True)
        self.where = where
        self.entry_point = function.name
        self.prompt = "".join(lines[:function.body[0].end_lineno])
        self.docstring = ast.get_docstring(function)
        self.programs = [reference]
        self.base, self.plus, self.atol = [], [], 0

    def read_inputs(self, source):
        names = {name: getattr(draws, name) for name in ("ints", "floats", "text", "words")}
        exec(compile(source, f"{self.where} (inputs of {self.entry_point})", "exec"), names)
        self.atol = names.get("atol", 0)
        self.base = names["base"]
        rng = random.Random(f"{SEED}/inputs/{self.entry_point}")
        seen = set()
        for attempt in range(40 * PLUS_INPUTS):
            edge = attempt < len(names["edges"])
            arguments = names["edges"][attempt] if edge else names["draw"](rng, attempt % SIZES)
            key = to_source(arguments)  # tells 1 from True and 1.0, which == does not
            if key not in seen:
                seen.add(key)
                self.plus.append(arguments)
            if len(self.plus) == PLUS_INPUTS:
                return
        raise SystemExit(f"{self.where}: {self.entry_point} has only {len(self.plus)} different plus inputs")


def read_problems():
    """All problems in the order of the benchmark: by level, then as they stand in the file."""
    problems = []
    for path in sorted((HERE / "problems").glob("level_*.py")):
        pieces = SECTION.split(path.read_text(encoding="utf-8"))[1:]
        for kind, source in zip(pieces[::2], pieces[1::2]):
            source = source.strip("\n") + "\n"
            if kind == "problem":
                problems.append(Problem(path.name, source))
            elif kind == "solution":
                problems[-1].programs.append(source)
            else:
                problems[-1].read_inputs(source)
    return problems


def load(program, entry_point):
    names = {"__name__": "program"}
    exec(compile(program, entry_point, "exec"), names)
    return names[entry_point]


def official_tests(problem):
    """HumanEval's form: def check(candidate), the base inputs with what the reference answers."""
    function = load(problem.programs[0], problem.entry_point)
    lines = ["def check(candidate):"]
    compare = "assert {call} == {expected}"
    if problem.atol:
        # One helper for floats at any depth, so that the same tolerance holds here as for `base`.
        lines += [
            "    def close(a, b):",
            "        if isinstance(b, dict):",
            "            return a.keys() == b.keys() and all(close(a[k], b[k]) for k in b)",
            "        if isinstance(b, (list, tuple)):",
            "            return type(a) is type(b) and len(a) == len(b) and all(map(close, a, b))",
            f"        return abs(a - b) <= {problem.atol} + 1e-7 * abs(b)",
            "",
        ]
        compare = "assert close({call}, {expected})"
    for arguments in problem.base:
        expected = function(*copy.deepcopy(arguments))
        call = "candidate(%s)" % ", ".join(map(to_source, arguments))
        lines.append("    " + compare.format(call=call, expected=to_source(expected)))
    return "\n".join(lines) + "\n"


def problem_rows(problems):
    for number, problem in enumerate(problems):
        row = {
            "task_id": f"Builtin/{number}",
            "prompt": problem.prompt,
            "entry_point": problem.entry_point,
            "reference": problem.programs[0],
            "base": [[to_json(a) for a in arguments] for arguments in problem.base],
            "plus": [[to_json(a) for a in arguments] for arguments in problem.plus],
            "tests": official_tests(problem),
        }
        if problem.atol:
            row["atol"] = problem.atol
        yield row


def faults(problem):
    """Everything wrong with a problem, as sentences. Runs all of its programs on all inputs."""
    found = []
    try:
        reference = load(problem.programs[0], problem.entry_point)
        found += _program_faults(problem, reference) + _example_faults(problem, reference)
    except Exception as error:  # whatever a program under check may raise
        found.append(f"raises {error!r}")
    if not 3 <= len(problem.base) <= 8:
        found.append(f"{len(problem.base)} base inputs, 3 to 8 are wanted")
    return [f"{problem.where}: {problem.entry_point}: {sentence}" for sentence in found]


def _program_faults(problem, reference):
    found = []
    inputs = problem.base + problem.plus
    expected = [reference(*copy.deepcopy(arguments)) for arguments in inputs]
    names = {}
    exec(official_tests(problem), names)
    for number, program in enumerate(problem.programs):
        function = load(program, problem.entry_point)
        for arguments, wanted in zip(inputs, expected):
            given = copy.deepcopy(arguments)
            actual = function(*given)
            if not same(actual, wanted, problem.atol) or type(actual) is not type(wanted):
                found.append(f"program {number} gives {actual!r} for {arguments!r}, the reference {wanted!r}")
                break
            if to_source(given) != to_source(arguments):
                found.append(f"program {number} changes its argument {arguments!r}")
                break
        try:
            names["check"](function)
        except AssertionError:
            found.append(f"program {number} fails the official tests")
    return found


def _example_faults(problem, reference):
    found = []
    examples = doctest.DocTestParser().get_examples(problem.docstring)
    for example in examples:
        scope = {problem.entry_point: reference}
        actual, wanted = eval(example.source, scope), eval(example.want, scope)
        if not same(actual, wanted, problem.atol):
            found.append(f"the docstring says {example.source.strip()} is {wanted!r}, the reference {actual!r}")
    if not 1 <= len(examples) <= 3:
        found.append(f"{len(examples)} examples in the docstring, 1 to 3 are wanted")
    return found
