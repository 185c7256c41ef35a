"""Makes the samples: what six stand-ins of graded strength "answer" to the built-in problems.

A stand-in is a random process, not a model. Its answers are correct programs (those of the problem
files) with seeded mutations. No row says whether its program is right.
"""

import ast
import math
import random
from dataclasses import dataclass

import mutate
from collect import SEED

SAMPLES = 50  # per problem and stand-in


@dataclass(frozen=True)
class StandIn:
    name: str
    skill: float    # chance of an answer without a mutation, at a problem of middling difficulty
    no_idea: float  # share of problems it has no idea of, at middling difficulty
    slips: float    # share of slips among its mutations; the others are blunders
    variety: float  # how readily it gives a new answer instead of one it gave before


STAND_INS = [
    StandIn("stand-in-1", skill=0.08, no_idea=0.30, slips=0.40, variety=50),
    StandIn("stand-in-2", skill=0.24, no_idea=0.22, slips=0.48, variety=44),
    StandIn("stand-in-3", skill=0.40, no_idea=0.15, slips=0.56, variety=38),
    StandIn("stand-in-4", skill=0.56, no_idea=0.10, slips=0.64, variety=32),
    StandIn("stand-in-5", skill=0.72, no_idea=0.05, slips=0.72, variety=26),
    StandIn("stand-in-6", skill=0.88, no_idea=0.02, slips=0.80, variety=20),
]

MORE_MUTATIONS = 0.35  # chance of one more, after each
SYNTAX_ERRORS = 0.015  # of the answers that have mutations
HANGS = 0.004          # likewise; rare, because each costs its judge whole time limits
STUBS = ("0", "''", "[]", "None", "True", "{}")


def _noise(rng):
    """About normal, deviation 1, from sums alone: the same on every machine."""
    return sum(rng.random() for _ in range(12)) - 6


def _bare(program):
    """The program's tree without its docstring, as models mostly leave it out."""
    tree = ast.parse(program)
    body = tree.body[-1].body
    if ast.get_docstring(tree.body[-1]) is not None:
        del body[0]
    return tree


def _source(tree):
    return ast.unparse(tree) + "\n"


def _mutate_once(rng, tree, slips):
    family = "slip" if rng.random() < slips else "blunder"
    by_kind = {}
    for kind, apply in mutate.sites(tree, family):
        by_kind.setdefault(kind, []).append(apply)
    if by_kind:
        # By kind first: else constants and variables, which are everywhere, would be all there is.
        rng.choice(by_kind[rng.choice(sorted(by_kind))])()


def _hang(rng, tree):
    loops = [apply for _, apply in mutate.sites(tree, "hang")]
    if loops:
        rng.choice(loops)()


class Answerer:
    """One stand-in before one problem: what it knows of it, and the answers it gave so far."""

    def __init__(self, stand_in, problem, difficulty, hardness, others):
        self.rng = random.Random(f"{SEED}/samples/{stand_in.name}/{problem.entry_point}")
        self.stand_in, self.problem = stand_in, problem
        odds = math.log(stand_in.skill / (1 - stand_in.skill))
        ability = odds + 2 * (0.5 - difficulty) + 0.7 * hardness + 0.8 * _noise(self.rng)
        self.skill = 1 / (1 + math.exp(-ability))
        self.has_idea = self.rng.random() >= 2 * difficulty * stand_in.no_idea
        self.programs = self.rng.sample(problem.programs, len(problem.programs))  # the first is its habit
        self.mistaken_for = self.rng.choice(others)  # what it answers instead without an idea
        self.given = []

    def answer(self):
        variety = self.stand_in.variety
        if self.rng.random() * (variety + len(self.given)) < variety:
            self.given.append(self._fresh())
        else:
            self.given.append(self.rng.choice(self.given))
        return self.given[-1]

    def _fresh(self):
        rng = self.rng
        if not self.has_idea:
            return self._guess()
        tree = _bare(self.programs[min(int(rng.expovariate(1)), len(self.programs) - 1)])
        if rng.random() < self.skill:
            return _source(tree)
        return self._spoil(tree, 1)

    def _spoil(self, tree, count):
        rng = self.rng
        while rng.random() < MORE_MUTATIONS:
            count += 1
        for _ in range(count):
            _mutate_once(rng, tree, self.stand_in.slips)
        if rng.random() < HANGS:
            _hang(rng, tree)
        source = _source(tree)
        return mutate.break_syntax(rng, source) if rng.random() < SYNTAX_ERRORS else source

    def _guess(self):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4:  # the right direction, and lost on the way
            return self._spoil(_bare(rng.choice(self.programs)), 3)
        if kind < 0.8:  # the answer to another question
            tree = _bare(self.mistaken_for.programs[0])
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and node.id == self.mistaken_for.entry_point:
                    node.id = self.problem.entry_point
            tree.body[-1].name = self.problem.entry_point
            return self._spoil(tree, 0)
        tree = _bare(self.programs[0])
        names = [a.arg for a in tree.body[-1].args.args]
        tree.body[-1].body = ast.parse("return " + rng.choice(names + list(STUBS))).body
        return _source(tree)


def sample_rows(problems):
    """By problem, then stand-in, then sample: like programs lie together, which compresses well."""
    for number, problem in enumerate(problems):
        arity = len(problem.base[0])
        others = [p for p in problems if p is not problem and len(p.base[0]) == arity]
        hardness = _noise(random.Random(f"{SEED}/hardness/{problem.entry_point}"))
        for stand_in in STAND_INS:
            answerer = Answerer(stand_in, problem, number / (len(problems) - 1), hardness, others)
            for sample in range(SAMPLES):
                yield {"task_id": f"Builtin/{number}", "solution": answerer.answer(),
                       "model": stand_in.name, "sample_id": str(sample)}
