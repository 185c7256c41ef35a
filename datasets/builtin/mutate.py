"""Slips and blunders of programmers, made on the syntax tree of a correct program.

`sites(tree, family)` lists what could go wrong where, as (kind, apply); `apply()` does it to that very
tree. Slips are small mistakes that often survive a few tests; blunders mostly do not. Whether
a mutant is wrong, and which tests see it, is not known here: only running tells.

The progress of `while` loops is left alone, save by the kind "hang", because a program that never
ends costs its judge a whole time limit.
"""

import ast

FLIP_BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
FLIP_COMPARE = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE,
                ast.GtE: ast.LtE, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}
FLIP_ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Mod: ast.FloorDiv,
                   ast.FloorDiv: ast.Mod, ast.Div: ast.Mult, ast.Pow: ast.Mult}
FORGETTABLE_CALLS = {"abs", "sorted", "set", "list", "int", "str", "sum"}
FORGETTABLE_METHODS = {"strip", "lower", "upper", "rstrip", "copy"}
OPPOSITE_CALLS = {"max": "min", "min": "max", "any": "all", "all": "any"}
WRONG_METHODS = {"append": "add", "add": "append", "extend": "append", "items": "keys", "get": "find",
                 "join": "concat", "split": "splitlines", "pop": "remove", "setdefault": "get"}


class Place:
    """A node of the tree and where it hangs."""

    def __init__(self, node, parent, field, index):
        self.node, self.parent, self.field, self.index = node, parent, field, index

    def replace(self, new):
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new

    def replace_statement(self, *new):
        siblings = getattr(self.parent, self.field)
        if not new and len(siblings) == 1:
            new = (ast.Pass(),)
        siblings[self.index:self.index + 1] = new


def _names(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _moves(statement, names):
    """Whether a statement of a while loop takes part in its progress: it changes one of `names`."""
    for node in ast.walk(statement):
        if isinstance(node, (ast.Break, ast.Return)):
            return True
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Store):
            return True
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            return True
        if isinstance(node, (ast.Subscript, ast.Call)) and _names(node) & names:
            return True
    return False


def _places(tree):
    """All places in a fixed order, without annotations, imports and the progress of while loops."""
    found = []

    def visit(node):
        frozen = set()
        if isinstance(node, ast.While):
            names = _names(node.test)
            frozen = {id(node.test)} | {id(s) for s in node.body if _moves(s, names)}
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "args", "ctx", "op", "ops") and not isinstance(node, ast.Call):
                continue
            for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(child, ast.AST) or id(child) in frozen:
                    continue
                if isinstance(child, (ast.Import, ast.ImportFrom, ast.expr_context)):
                    continue
                found.append(Place(child, node, field, index))
                visit(child)

    visit(tree)
    return found


def _call_name(node):
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None


def _call(name, *arguments):
    return ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=list(arguments), keywords=[])


def _plus(node, step):
    op = ast.Add() if step > 0 else ast.Sub()
    return ast.BinOp(left=node, op=op, right=ast.Constant(value=abs(step)))


def _is_jump(statement):
    return isinstance(statement, (ast.Return, ast.Continue, ast.Break, ast.Raise))


def _setter(node, field, value):
    return lambda: setattr(node, field, value)


def _expression_sites(place):
    node = place.node
    if isinstance(node, ast.Compare) and len(node.ops) <= 2:
        for i, op in enumerate(node.ops):
            for family, kind, table in (("slip", "boundary", FLIP_BOUNDARY), ("blunder", "compare", FLIP_COMPARE)):
                if type(op) in table:
                    def flip(i=i, new=table[type(op)]):
                        node.ops[i] = new()
                    yield family, kind, flip
    elif isinstance(node, ast.Constant):
        yield from _constant_sites(place)
    elif isinstance(node, ast.BinOp):
        if type(node.op) in FLIP_ARITHMETIC:
            yield "blunder", "arithmetic", _setter(node, "op", FLIP_ARITHMETIC[type(node.op)]())
        if isinstance(node.op, ast.FloorDiv):
            quotient = ast.BinOp(left=node.left, op=ast.Div(), right=node.right)
            yield "slip", "rounding", lambda: place.replace(_call("int", quotient))
            yield "slip", "rounding", lambda: place.replace(_call("round", quotient))
        if isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod)):
            def swap():
                node.left, node.right = node.right, node.left
            yield "blunder", "operands", swap
    elif isinstance(node, ast.BoolOp):
        flipped = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield "blunder", "logic", _setter(node, "op", flipped)
        for value in node.values:
            rest = [v for v in node.values if v is not value]
            short = rest[0] if len(rest) == 1 else ast.BoolOp(op=node.op, values=rest)
            yield "slip", "condition", lambda short=short: place.replace(short)
    elif isinstance(node, ast.IfExp):
        yield "slip", "missing case", lambda: place.replace(node.body)
        yield "slip", "missing case", lambda: place.replace(node.orelse)
    elif isinstance(node, ast.Slice):
        yield from _slice_sites(node)
    elif isinstance(node, ast.Call):
        yield from _call_sites(place)


def _constant_sites(place):
    value = place.node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for step in (1, -1):
            yield "slip", "constant", _setter(place.node, "value", value + step)
    elif value in ("", " "):
        yield "slip", "constant", _setter(place.node, "value", " " if value == "" else "")


def _slice_sites(node):
    if node.step is not None:
        yield "slip", "order", _setter(node, "step", None)
    for end in ("lower", "upper"):
        bound = getattr(node, end)
        if bound is None:
            continue
        yield "slip", "slice", _setter(node, end, None)
        if not isinstance(bound, ast.Constant):
            for step in (1, -1):
                yield "slip", "slice", _setter(node, end, _plus(bound, step))


def _call_sites(place):
    node, name = place.node, _call_name(place.node)
    if name in FORGETTABLE_CALLS and len(node.args) == 1 and not isinstance(node.args[0], ast.GeneratorExp):
        yield "slip", "forgotten call", lambda: place.replace(node.args[0])
    if name == "set" and len(node.args) == 1:
        yield "slip", "container", lambda: setattr(node.func, "id", "list")
    if name in ("sorted", "list") and node.args:
        yield "slip", "container", lambda: place.replace(_call("list", _call("set", node.args[0])))
    if name == "sorted":
        yield "slip", "order", lambda: setattr(node.func, "id", "list") or setattr(node, "keywords", [])
        reverse = [k for k in node.keywords if k.arg == "reverse"]
        if not reverse:
            yield "blunder", "order", lambda: node.keywords.append(
                ast.keyword(arg="reverse", value=ast.Constant(value=True)))
    for keyword in node.keywords:
        def forget(keyword=keyword):
            node.keywords.remove(keyword)
        yield "slip", "missing case", forget
    if name in OPPOSITE_CALLS:
        yield "blunder", "opposite", lambda: setattr(node.func, "id", OPPOSITE_CALLS[name])
    if name == "range":
        for i, argument in enumerate(node.args[:2]):
            for step in (1, -1):
                def shift(i=i, argument=argument, step=step):
                    node.args[i] = _plus(argument, step)
                yield "slip", "range", shift
    if name == "enumerate" and len(node.args) == 1:
        yield "slip", "range", lambda: node.args.append(ast.Constant(value=1))
    if isinstance(node.func, ast.Attribute):
        method = node.func.attr
        if method in FORGETTABLE_METHODS:
            yield "slip", "forgotten call", lambda: place.replace(node.func.value)
        if method == "get" and len(node.args) == 2:
            yield "slip", "missing case", lambda: node.args.pop()
        if method in WRONG_METHODS:
            yield "blunder", "exception", lambda: setattr(node.func, "attr", WRONG_METHODS[method])
    if len(node.args) == 2 and name != "range":
        yield "blunder", "operands", lambda: node.args.reverse()


def _statement_sites(place):
    node = place.node
    if isinstance(node, ast.If):
        if not node.orelse and all(map(_is_jump, node.body)):
            yield "slip", "missing guard", lambda: place.replace_statement()
        elif not node.orelse:
            yield "slip", "branch", lambda: place.replace_statement(*node.body)
            yield "slip", "branch", lambda: place.replace_statement()
        else:
            yield "slip", "branch", lambda: setattr(node, "orelse", [])
            yield "slip", "branch", lambda: place.replace_statement(*node.orelse)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                later = node.orelse[0]
                yield "slip", "branch", lambda: (setattr(node, "orelse", []), place.replace_statement(node, later))
        yield "blunder", "negation", lambda: setattr(node, "test", ast.UnaryOp(op=ast.Not(), operand=node.test))
    elif isinstance(node, ast.For):
        if isinstance(node.iter, ast.Name):
            for lower, upper in ((ast.Constant(value=1), None), (None, ast.Constant(value=-1))):
                part = ast.Subscript(value=node.iter, slice=ast.Slice(lower=lower, upper=upper), ctx=ast.Load())
                yield "slip", "range", lambda part=part: setattr(node, "iter", part)
        if _call_name(node.iter) == "range" and len(node.iter.args) <= 2 and isinstance(node.target, ast.Name):
            yield "hang", "hang", lambda: _forget_step(place)
        siblings = getattr(place.parent, place.field)
        following = siblings[place.index + 1:place.index + 2]
        if following and isinstance(following[0], ast.Return):
            yield "blunder", "early return", lambda: (siblings.remove(following[0]), node.body.append(following[0]))
    elif isinstance(node, ast.While):
        names = _names(node.test)
        for statement in node.body:
            if _moves(statement, names) and len(node.body) > 1:
                yield "hang", "hang", lambda statement=statement: node.body.remove(statement)
    elif isinstance(node, ast.Continue):
        yield "slip", "loop", lambda: place.replace_statement(ast.Break())
    elif isinstance(node, ast.Break):
        yield "slip", "loop", lambda: place.replace_statement()
    elif isinstance(node, (ast.AugAssign, ast.Expr)):
        yield "blunder", "forgotten statement", lambda: place.replace_statement()
    elif isinstance(node, ast.Return) and node.value is not None:
        if isinstance(node.value, ast.Name):
            yield "slip", "container", lambda: setattr(node, "value", _call("list", _call("set", node.value)))
            yield "slip", "order", lambda: setattr(node, "value", _call("sorted", node.value))
        yield "blunder", "no return", lambda: place.replace_statement(ast.Expr(value=_call("print", node.value)))


def _forget_step(place):
    """for i in range(a, b) written as a while loop whose i += 1 was forgotten."""
    loop = place.node
    first = loop.iter.args[0] if len(loop.iter.args) == 2 else ast.Constant(value=0)
    start = ast.Assign(targets=[loop.target], value=first, lineno=0)
    index = ast.Name(id=loop.target.id, ctx=ast.Load())
    test = ast.Compare(left=index, ops=[ast.Lt()], comparators=[loop.iter.args[-1]])
    place.replace_statement(start, ast.While(test=test, body=loop.body, orelse=[]))


def _name_sites(function, places):
    """The wrong one of two variables, or a name that does not exist."""
    names = [a.arg for a in function.args.args]
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in names:
            names.append(node.id)
    for place in places:
        node = place.node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            for other in names:
                if other != node.id:
                    yield "blunder", "variable", _setter(node, "id", other)
            yield "blunder", "exception", _setter(node, "id", node.id + "s")


def _default_sites(function):
    """result = [] moved into the parameters: one container for all calls."""
    for statement in function.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and \
                isinstance(statement.value, (ast.List, ast.Dict)):
            def share(statement=statement):
                function.body.remove(statement)
                function.args.args.append(ast.arg(arg=statement.targets[0].id))
                function.args.defaults.append(statement.value)
            yield "slip", "mutable default", share


def sites(tree, family):
    """Every mutation of one family in the module `tree` as (kind, apply), in a fixed order."""
    function = tree.body[-1]
    places = _places(tree)
    found = []
    for place in places:
        if isinstance(place.node, ast.stmt):
            found += _statement_sites(place)
        else:
            found += _expression_sites(place)
    if family == "blunder":
        found += _name_sites(function, places)
    found += _default_sites(function)
    return [(kind, apply) for of, kind, apply in found if of == family]


def break_syntax(rng, source):
    """The text with one colon, bracket or quote lost, as when an answer is cut or mistyped."""
    marks = [i for i, ch in enumerate(source) if ch in ":)]\"'"]
    i = rng.choice(marks)
    return source[:i] + source[i + 1:]
