# Finds the program in what a model wrote; runs in the jail. The text is parsed and never executed.
#
# intake(kind, text, prompt, entry_point) -> {"program": str, "rules": [str], "chosen": str}
# kind: "completion" continues the prompt, "solution" is a whole program, "chat" holds one somewhere.
# What `prompt + completion` does in Python is the standard; each departure from it is one of these rules.
import ast
import builtins
import collections
import html
import json
import re
import textwrap
import warnings

BYTES_MAX = 1 << 20  # nobody wrote more than that
TRIES_MAX = 40  # how often one text is parsed again, a little shorter each time
FENCES_MAX = 200  # likewise of tags, and of code on one line
AGAIN_BYTES_MAX = 1 << 20  # what parsing one text again and again may read together
STARTS_MAX = 40  # where a program may begin among prose

END_OF_TEXT = re.compile(
    r"<\|(?:endoftext|end_of_text|im_end|im_sep|eot_id|eom_id|end|EOT|endofcode|file_sep|file_separator|"
    r"end_of_solution|fim_\w+|start_header_id|user|assistant|system)\|>|<｜[^｜\n]{1,40}｜>|</s>|<eos>|"
    r"<end_of_turn>|<EOT>|<file_sep>|<fim_\w+>|<filename>|<reponame>|\[/?INST\]|\[EOS\]")
CHAT_BEGINS = re.compile(r"\s*(?:<s>|<bos>|\[/INST\]|<start_of_turn>model|<\|im_start\|>assistant|"
                         r"<\|start_header_id\|>assistant<\|end_header_id\|>|<\|assistant\|>)\s*")
THOUGHT_ENDS = re.compile(r"</(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad)>|"
                          r"<\|end_of_thought\|>|<\|end_of_thinking\|>|◁/think▷")
THOUGHT_BEGINS = re.compile(r"\s*(?:<(?:think|thinking|thought|reasoning|scratchpad)>|◁think▷)")
TAGGED = re.compile(r"<(code|answer|solution|python|final_answer|program|execute)>(.*?)(?:</\1>|\Z)|"
                    r"\[(PYTHON|ANSWER|CODE)\](.*?)(?:\[/\3\]|\Z)", re.DOTALL | re.IGNORECASE)
FENCE = re.compile(r"^((?:\s*>)*\s*)(`{3,}|~{3,})\s*([^`~]*)$")
FENCE_AFTER_PROSE = re.compile(r"(`{3,})\s*(?:python|Python|py|python3|)\s*$")  # from the line's first backquote on
ONE_LINE = re.compile(r"`{1,3}(?:python|py)?[ ]*((?:def|class|lambda|async)\b[^`\n]+)`{1,3}")
LINE_NUMBER = re.compile(r"\s*(\d+)(?:[ \t]*[:|│→]|\.(?=\s|$))?(.*)")
SESSION_PROMPT = re.compile(r"\s*(?:(?:>>>|\.\.\.)(?: (.*)|)|(?:In \[\d+\]|\.{3,}): ?(.*))$")
LOOK_ALIKE = {ord(c): None for c in "\u200b\u200c\u200d\u2060\ufeff\u00ad"} | {ord(c): " " for c in "\u00a0\u202f\u2007\u3000"} | \
             dict(zip(map(ord, "“”„‘’‚′″"), "\"\"\"''''\""))
BRACED = re.compile(r"(?ms)\{[ \t\r]*$.*^[ \t]*\}")  # a block as no Python has it
BEGINS_CODE = re.compile(r"(?:from|import|def|async\s+def|class)\s|@\w|[A-Za-z_]\w*\s*(?::[^=\n]+)?=[^=]")
CODE_KEYS = {"code", "program", "solution", "python", "source", "source_code", "content", "answer", "completion",
             "arguments", "input", "parameters", "function", "tool_input"}
DYNAMIC = {"globals", "locals", "vars", "eval", "exec", "__import__", "compile"}
BUILTIN = set(dir(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
CHANGING = {"append", "extend", "insert", "add", "update", "setdefault", "appendleft", "extendleft", "remove", "discard", "pop",
            "popitem", "popleft", "clear", "sort", "reverse", "put", "register"}  # of a list, dict, set, deque, queue


# ---- reading Python


def parsed(text):
    """The tree, or None where Python would refuse the text before it runs."""
    if len(text) > BYTES_MAX:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            compile(tree, "program.py", "exec", dont_inherit=True)  # `return` outside a function
        return tree
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def error_line(text):
    """The number of the line at which Python stops reading; 0 where it says none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "program.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return 0
    return 0


def lines_of(text):
    """The lines as Python counts them, each with its end."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def first_line(node):
    return min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])


def bound_by(node):
    """The names that a statement of the module gives a value."""
    names = set()

    def visit(n):
        if isinstance(n, FUNCTIONS + (ast.ClassDef,)):
            names.add(n.name)
            return
        if isinstance(n, ast.Lambda):
            return
        if isinstance(n, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in n.names)
        elif isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store):
            names.add(n.id)
        elif isinstance(n, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and n.name:
            names.add(n.name)
        for child in ast.iter_child_nodes(n):
            visit(child)

    visit(node)
    return names


def used_by(node):
    """The names of the module that a statement, or what it defines, reads."""
    loads, bound, module = set(), set(), set()

    def inner(n, statements, arguments=None):
        nonlocal loads, bound, module
        outside = loads, bound, module
        loads, bound, module = set(), set(), set()
        if arguments:
            bound.update(a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs +
                         [a for a in (arguments.vararg, arguments.kwarg) if a])
        for statement in statements:
            visit(statement)
        free = (loads - bound) | module
        loads, bound, module = outside
        loads |= free

    def visit(n):
        if isinstance(n, FUNCTIONS + (ast.Lambda,)):
            for part in getattr(n, "decorator_list", []) + n.args.defaults + [d for d in n.args.kw_defaults if d]:
                visit(part)
            if not isinstance(n, ast.Lambda):
                bound.add(n.name)
                for a in ast.walk(n.args):
                    if isinstance(a, ast.arg) and a.annotation:
                        visit(a.annotation)
                if n.returns:
                    visit(n.returns)
            inner(n, n.body if isinstance(n.body, list) else [n.body], n.args)
        elif isinstance(n, ast.ClassDef):
            for part in n.decorator_list + n.bases + [k.value for k in n.keywords]:
                visit(part)
            bound.add(n.name)
            inner(n, n.body)
        elif isinstance(n, ast.Name):
            (bound if isinstance(n.ctx, ast.Store) else loads).add(n.id)
        elif isinstance(n, ast.Global):
            module.update(n.names)
        else:
            if isinstance(n, (ast.Import, ast.ImportFrom)):
                bound.update((alias.asname or alias.name).split(".")[0] for alias in n.names)
            if isinstance(n, ast.ExceptHandler) and n.name:
                bound.add(n.name)
            if isinstance(n, (ast.MatchAs, ast.MatchStar)) and n.name:
                bound.add(n.name)
            if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name):
                loads.add(n.target.id)
            for child in ast.iter_child_nodes(n):
                visit(child)

    visit(node)
    return loads | module


def lacking(nodes):
    """The names that these statements read and nothing gives."""
    given, wanted = set(BUILTIN), set()
    for node in nodes:
        given |= bound_by(node)
        wanted |= used_by(node)
    return wanted - given


def has_star(nodes):
    return any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in nodes)


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_stub(node):
    """A function that does nothing: a docstring, pass, ..., NotImplementedError, or definitions that nobody calls."""
    if not isinstance(node, FUNCTIONS):
        return False

    def says_nothing(n):
        if isinstance(n, ast.Raise) and n.exc:
            named = n.exc.func if isinstance(n.exc, ast.Call) else n.exc
            return isinstance(named, ast.Name) and named.id == "NotImplementedError"
        return isinstance(n, FUNCTIONS + (ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)) or isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)

    return all(says_nothing(n) for n in node.body)


def is_main_guard(node):
    return isinstance(node, ast.If) and any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))


def entry_of(nodes, name):
    """Where the statement stands that makes the entry point what it is: the last one that is no stub, else the last."""
    where = [i for i, node in enumerate(nodes) if name in bound_by(node) and not has_star([node])]
    full = [i for i in where if not is_stub(nodes[i])]
    return full[-1] if full else where[-1] if where else None


def answers(tree, name):
    """Whether the entry point is there, and no stub."""
    if tree is None:
        return False
    at = entry_of(tree.body, name)
    return at is not None and not is_stub(tree.body[at]) or at is None and method_of(tree, name) is not None


def method_of(tree, name):
    """The class that has the entry point as a method, where it is the only one and is made without arguments."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)
               and any(isinstance(n, FUNCTIONS) and n.name == name and not is_stub(n) for n in node.body)]
    if len(classes) != 1:
        return None
    for n in classes[0].body:
        if isinstance(n, FUNCTIONS) and n.name == "__init__":
            needed = len(n.args.posonlyargs + n.args.args) - len(n.args.defaults)
            if needed > 1 or any(d is None for d in n.args.kw_defaults):
                return None
    return classes[0].name


# ---- what is not needed


def root_of(node):
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def changed_by(node):
    """The names whose values something in a statement stores into, or calls a changing method of, or makes global; None
    for what has no name."""
    found = set()
    for n in ast.walk(node):
        if isinstance(n, (ast.Attribute, ast.Subscript)) and isinstance(n.ctx, (ast.Store, ast.Del)):
            found.add(root_of(n))
        elif isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in CHANGING:
            found.add(root_of(n.func))
        elif isinstance(n, ast.Global):
            found.update(n.names)
    return found


class Acts:
    """What a statement does that gives no name a value: `tuned` where it tunes the interpreter, the names that it `changes`
    (cache[0] = 1, a loop that fills a table) and the functions that it `calls`."""

    def __init__(self, node):
        self.tuned, self.changes, self.calls = False, set(), set()
        self.plain = isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete))
        if isinstance(node, ast.ClassDef) or is_main_guard(node):
            return
        parts = node.decorator_list if isinstance(node, FUNCTIONS) else [node]
        for part in parts:
            self.changes |= changed_by(part)
            self.calls |= {n.func.id for n in ast.walk(part) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        if isinstance(node, FUNCTIONS):
            self.calls |= {part.id for part in parts if isinstance(part, ast.Name)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            self.tuned = node.value.func.attr in ("setrecursionlimit", "set_int_max_str_digits")
            self.changes.add(root_of(node.value.func) or "")
            self.plain = True

    def on(self, needed, entry, changed_in):
        """Whether it changes what is needed, itself or by a function of the text (`changed_in`: name -> names). But for plain
        ones, nothing that calls the entry point: that is a test, or an example."""
        if self.tuned:
            return True
        if not self.plain and (self.calls & entry or "input" in self.calls):
            return False
        changes = self.changes.union(*(changed_in[name] for name in self.calls if name in changed_in))
        return None in self.changes or not needed.isdisjoint(changes)


def needed_after(nodes, at):
    """Which statements after the entry point it needs, wherever they stand. A name of the module that is looked up by
    eval or globals() may be any."""
    needed = set()
    for node in nodes[:at + 1]:
        needed |= used_by(node)
    kept = set()
    names = [bound_by(node) for node in nodes]
    entry = names[at]
    needed_or_entry = needed | entry
    order = range(at + 1, len(nodes))
    acts = {i: Acts(nodes[i]) for i in order}
    changed_in = {node.name: changed_by(node) for node in nodes if isinstance(node, FUNCTIONS) and node.name not in entry}

    def keep(i):
        kept.add(i)
        more = used_by(nodes[i])
        needed.update(more)
        needed_or_entry.update(more)

    while True:
        before = len(kept)
        for i in order:
            node = nodes[i]
            if i in kept or is_docstring(node) or names[i] & entry and is_stub(node):
                continue
            dynamic = needed & DYNAMIC and names[i] and not is_main_guard(node)
            if names[i] & needed or dynamic or acts[i].on(needed_or_entry, entry, changed_in):
                keep(i)
        if len(kept) == before:  # then a name that nothing gives may come by `from x import *`
            given = BUILTIN.union(*(names[i] for i in range(len(nodes)) if i <= at or i in kept))
            if needed - given:
                for i in [i for i in order if i not in kept and has_star([nodes[i]])]:
                    keep(i)
        if len(kept) == before:
            return kept
        order = order[::-1]  # a chain of helpers is one walk, whichever end comes first


def trimmed(text, tree, name):
    """The text without the statements after the entry point that it does not need; comments and blank lines stay where
    nothing is taken before them."""
    nodes = tree.body
    at = entry_of(nodes, name)
    if at is None or at + 1 == len(nodes):
        return text
    try:
        kept = needed_after(nodes, at)
    except RecursionError:
        return text
    lines = lines_of(text)
    end = nodes[at].end_lineno  # the last line that stays so far
    out, gap_from, cut = lines[:end], end, False
    for i in range(at + 1, len(nodes)):
        node = nodes[i]
        begin, last = first_line(node) - 1, node.end_lineno
        if i in kept or begin < end:  # or it begins on a line that stays
            out += lines[max(gap_from, end):last] if not cut else lines[max(begin, end):last]
            end = gap_from = last
            cut = False
        else:
            if not cut:
                out += lines[gap_from:begin]
            cut, gap_from = True, last
            end = max(end, begin)
    if not cut:
        out += lines[gap_from:]
    return "".join(out)


def boundaries(lines, before):
    """Where a statement of the module may begin, from the last such line before `before` back."""
    found = [i for i in range(1, min(before, len(lines))) if lines[i][:1] not in " \t\f\r\n)]}#" and lines[i]]
    return found[::-1][:max(3, min(TRIES_MAX, AGAIN_BYTES_MAX // (1 + sum(map(len, lines)))))]


def longest_valid(head, text, accepts):
    """(`text` up to where a statement begins, its tree after `head`): the longest part that parses and that `accepts`."""
    lines = lines_of(text)
    offset = len(lines_of(head))
    wrong = error_line(head + text) - offset
    for cut in boundaries(lines, wrong if wrong > 0 else len(lines)):
        part = "".join(lines[:cut])
        tree = parsed(head + part)
        if tree is not None and accepts(tree):
            return part, tree
    return None, None


# ---- completions


def preamble_of(prompt, name):
    """What stands before the entry point in a prompt: its imports and helpers."""
    lines = lines_of(prompt)
    for i, line in enumerate(lines):
        if re.match(r"(?:async\s+)?(?:def|class)\s+" + re.escape(name) + r"\b", line):
            while i and lines[i - 1].startswith("@"):
                i -= 1
            return "".join(lines[:i])
    return "" if parsed(prompt) is None else prompt


def indented(text):
    """The first line that is not blank, given the indentation it lost."""
    lines = lines_of(text)
    for i, line in enumerate(lines):
        if line.strip():
            deeper = next((re.match(r"[ \t]*", later).group() for later in lines[i + 1:]
                           if later.strip() and later[0] in " \t"), "    ")
            return [
                "".join(lines[:i] + [deeper + line.lstrip(" \t")] + lines[i + 1:]),
                "".join(lines[:i] + ["    " + line.lstrip(" \t")] + lines[i + 1:]),
                textwrap.indent(textwrap.dedent(text), "    "),
            ]
    return []


def completion(text, prompt, name):
    """(program, rules) of a text that continues the prompt; None where no repair makes it Python."""
    def accepts(tree):
        at = entry_of(tree.body, name)
        return at is not None and not is_stub(tree.body[at])

    def done(program, tree, rules):
        out = trimmed(program, tree, name)
        return out, rules + (["cut"] if out != program else [])

    # The standard first. A stub is no answer while a repair may find one.
    tree_as_it_is = parsed(prompt + text)
    if tree_as_it_is is not None and (accepts(tree_as_it_is) or entry_of(tree_as_it_is.body, name) is None):
        return done(prompt + text, tree_as_it_is, [])
    before = END_OF_TEXT.split(text, maxsplit=1)[0]
    texts = [(text, [])] + ([(before, ["end_of_text"])] if before != text else [])
    if before.lstrip().startswith("```"):
        inside = lines_of(before.lstrip())[1:]
        closes = next((i for i, line in enumerate(inside) if line.startswith("```")), len(inside))
        texts.append(("".join(inside[:closes]), ["fence"]))
    if (plain := before.translate(LOOK_ALIKE)) != before:
        texts.append((plain, ["look_alike"]))
    variants = []
    preamble = preamble_of(prompt, name)
    for each, rules in texts:
        variants.append((prompt, each, rules))
        variants.append((preamble, each, rules + ["whole_program"]))
        variants += [(prompt, repaired, rules + ["indent"]) for repaired in indented(each)]
    for head, tail, rules in variants:
        tree = parsed(head + tail)
        if tree is not None and accepts(tree):
            return done(head + tail, tree, rules)
    for head, tail, rules in variants:
        part, tree = longest_valid(head, tail, accepts)
        if part is not None:
            out = trimmed(head + part, tree, name)
            return out, rules + ["cut"]
    # A body that does nothing is no answer, but Python; the same where what follows it is broken off.
    def says_more(tree):
        return bool(tree.body) and tree.body[-1].end_lineno > len(lines_of(prompt)) and name in bound_by(tree.body[-1])

    if tree_as_it_is is not None and says_more(tree_as_it_is) and text.lstrip("\r\n")[:1] in (" ", "\t"):
        return done(prompt + text, tree_as_it_is, [])
    part, tree = longest_valid(prompt, before, says_more)
    return (prompt + part, ["cut"]) if part is not None else None


# ---- chat text


def readings_of(text):
    """(rule, text): the ways to read a candidate, one made after the other has failed."""
    if ("&lt;" in text or "&gt;" in text) and not re.search("[<>]", text):
        yield "unescape", html.unescape(text)  # such a text may well parse as it stands
    yield "", text
    yield "dedent", textwrap.dedent(text)
    yield "unescape", html.unescape(text)
    if "\n" not in text.strip():
        yield "unescape", text.replace("\\n", "\n").replace('\\"', '"')
    yield "end_of_text", END_OF_TEXT.split(text, maxsplit=1)[0]
    yield "look_alike", text.translate(LOOK_ALIKE)
    yield "session", without_session(text)
    yield "diff", after_diff(text)
    yield "line_numbers", without_numbers(text)


def without_session(text):
    """What was typed in an interpreter's session, without its prompts and its answers."""
    if not text.lstrip().startswith((">>>", "In [")):
        return text
    typed = [SESSION_PROMPT.match(line) for line in text.splitlines()]
    return "\n".join(m[1] or m[2] or "" for m in typed if m) + "\n"


def after_diff(text):
    """The text that a diff makes."""
    lines = [line for line in text.splitlines()
             if not re.match(r"(?:diff |index |(?:new|deleted) file|--- |\+\+\+ |@@|\\ No newline)", line)]
    if not any(line[:1] == "+" for line in lines) or any(line[:1] not in "+- " for line in lines):
        return text
    return "\n".join(line[1:] for line in lines if line[:1] != "-") + "\n"


def without_numbers(text):
    """The lines without the numbers before them, where they count up by one."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [LINE_NUMBER.match(line) for line in lines]
    if len(lines) < 2 or not all(found) or any(int(b[1]) != int(a[1]) + 1 for a, b in zip(found, found[1:])):
        return text
    return textwrap.dedent("\n".join(m[2] for m in found)) + "\n"


class Candidate:
    def __init__(self, text, how, at):
        self.text, self.how, self.at, self.rules, self.tree = text, how, at, [], None
        for rule, other in readings_of(text):
            tree = parsed(other) if not rule or other != text else None
            if tree is not None and (tree.body or not rule):
                self.text, self.tree, self.rules = other, tree, [rule] if rule else []
                break


def last_of(pattern, text):
    """The last matches; the answer is among them."""
    return collections.deque(pattern.finditer(text), FENCES_MAX)


def strip_prefix(line, prefix):
    """A line of a block whose fence stood behind quote marks or an indent."""
    for c in prefix:
        if c == ">":
            line = line.lstrip(" \t")
            line = line[1:] if line.startswith(">") else line
        elif line[:1] in (" ", "\t"):
            line = line[1:]
    return line


def blocks_of(text):
    """The fenced blocks: (content, whether it was closed). An end is where the content parses, so that a fence in a
    docstring is none; else the first."""
    lines = text.split("\n")
    marks = []  # (line, prefix, mark, info, text before it on its line)
    for i, line in enumerate(lines):
        line = line.rstrip("\r")
        found = FENCE.match(line)
        if found:
            marks.append((i, found[1], found[2], found[3].strip(), ""))
        elif "```" in line and (found := FENCE_AFTER_PROSE.match(line, line.index("`"))):
            marks.append((i, "", found[1], "?", line[:line.rindex(found[1])]))
    marks = marks[-FENCES_MAX:]  # the answer is the last of them
    blocks, done = [], -1
    for k, (i, prefix, mark, info, before) in enumerate(marks):
        if i <= done or (before and not BEGINS_CODE.match(before) and not info):
            continue
        ends = [m for m in marks[k + 1:] if m[2][0] == mark[0] and len(m[2]) >= len(mark) and (not m[3] or m[4])][:6]
        found = None
        for end in ends:
            content = [strip_prefix(x, prefix) for x in lines[i + 1:end[0]]] + ([end[4]] if end[4] else [])
            content = "\n".join(content) + "\n"
            if found is None:
                found = content, end[0]
            tree = parsed(content) or parsed(textwrap.dedent(content))
            if tree is not None:
                found = content, end[0]
                break
        if found:
            blocks.append((found[0], i, True))
            done = found[1]
        else:
            blocks.append(("\n".join(strip_prefix(x, prefix) for x in lines[i + 1:]), i, False))
            # What follows may have fences of its own: they are looked at too.
    if marks and not marks[0][3]:
        i, _, _, _, before = marks[0]
        blocks.insert(0, ("\n".join(lines[:i] + ([before] if before else [])), 0, False))
    return blocks


def strings_in(value, depth=0):
    """The texts under keys that hold programs, as tool calls carry them."""
    if depth > 6:
        return
    if isinstance(value, str):
        stripped = value.strip()
        if stripped[:1] in "{[" and stripped[-1:] in "}]":
            try:
                yield from strings_in(json.loads(stripped), depth + 1)
                return
            except (ValueError, RecursionError):
                pass
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in CODE_KEYS or isinstance(item, dict) or isinstance(item, list) and not all(
                    isinstance(part, str) for part in item):
                yield from strings_in(item, depth + 1)
    elif isinstance(value, list):
        if len(value) > 1 and all(isinstance(item, str) for item in value):  # a text by lines, as notebooks keep it
            yield ("" if any(item.endswith("\n") for item in value[:-1]) else "\n").join(value)
            return
        for item in value[:50]:
            yield from strings_in(item, depth + 1)


def tool_calls(text):
    """Programs in JSON: the whole text, or each object that begins in it."""
    found, decoder = [], json.JSONDecoder(strict=False)
    at, tries = 0, 0
    while (at := text.find("{", at)) >= 0 and tries < TRIES_MAX:
        tries += 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        found += [(program, at) for program in strings_in(value) if "\n" in program or "def " in program]
        at = end
    return found


def regions_of(text):
    """Stretches of unfenced text that parse, each from a line that may begin a program."""
    lines = lines_of(text)
    found, at, starts = [], 0, 0
    while at < len(lines) and starts < STARTS_MAX:
        if not BEGINS_CODE.match(lines[at]):
            at += 1
            continue
        starts += 1
        rest = "".join(lines[at:])
        if parsed(rest) is not None:
            found.append((rest, at))
            break
        part, _ = longest_valid("", rest, lambda tree: bool(tree.body))
        if part is None:
            at += 1
            continue
        found.append((part, at))
        at += len(lines_of(part))
    # Code that is set off by indentation alone; what stands inside of code that was found is a part of that.
    inside = set()
    for text, begin in found:
        inside.update(range(begin, begin + len(lines_of(text))))
    block, begin = [], 0
    for i, line in enumerate(lines + ["."]):
        if i not in inside and (line[:4] == "    " or line[:1] == "\t" or (block and not line.strip())):
            if not block:
                begin = i
            block.append(line)
        elif block:
            dedented = textwrap.dedent("".join(block))
            if BEGINS_CODE.match(dedented) and parsed(dedented) is not None:
                found.append((dedented, begin))
            block = []
    return found


def source_of(candidate, node):
    lines = lines_of(candidate.text)[first_line(node) - 1:node.end_lineno]
    return "".join(lines).rstrip("\r\n") + "\n"


def completed(candidate, others, prompt, name):
    """The candidate with the imports and helpers that it lacks, from the other blocks and from the prompt."""
    text, rules = candidate.text, list(candidate.rules)
    nodes = candidate.tree.body
    wanted = lacking(nodes)
    offered = [(other, node) for other in others
               if other is not candidate and other.tree is not None and entry_of(other.tree.body, name) is None
               for node in other.tree.body]
    chosen = set()
    while more := {i for i, (_, node) in enumerate(offered) if i not in chosen and bound_by(node) & wanted}:
        chosen |= more
        for i in more:
            wanted = (wanted | used_by(offered[i][1])) - BUILTIN
    given = set().union(*(bound_by(offered[i][1]) for i in chosen))
    wanted -= given
    if wanted:
        chosen |= {i for i, (_, node) in enumerate(offered) if has_star([node])}
    taken = [source_of(other, node) for i, (other, node) in enumerate(offered) if i in chosen]
    if taken and parsed("".join(taken) + text) is not None:
        text = "".join(taken) + "\n" + text
        rules.append("joined")
    preamble = preamble_of(prompt, name)
    tree = parsed(preamble)
    if tree is not None and tree.body:
        given = set().union(*(bound_by(node) for node in tree.body))
        if (wanted & given or has_star(tree.body) and wanted) and parsed(preamble + text) is not None:
            text = preamble.rstrip("\r\n") + "\n\n\n" + text
            rules.append("prompt_context")
    return text, rules


def finished(text, rules, name, chosen):
    tree = parsed(text)
    if tree is not None:
        if entry_of(tree.body, name) is None and method_of(tree, name):
            text, rules = with_method(text, tree, name), rules + ["class_method"]
        else:
            out = trimmed(text, tree, name)
            text, rules = out, rules + (["cut"] if out != text else [])
    return {"program": text, "rules": rules, "chosen": chosen}


def with_method(text, tree, name):
    kind = method_of(tree, name)
    return text.rstrip("\r\n") + f"\n\n\ndef {name}(*args, **kwargs):\n    return {kind}().{name}(*args, **kwargs)\n"


def without_draft(text):
    """(what follows the last thought, rules); nothing follows a thought that is never closed."""
    ends = [m.end() for m in THOUGHT_ENDS.finditer(text)]
    if ends:
        return [text[end:] for end in reversed(ends[-TRIES_MAX:])], ["after_thought"]
    return ([] if THOUGHT_BEGINS.match(text) else [text]), []


def chosen_of(candidates, name):
    good = [c for c in candidates if answers(c.tree, name)]
    return good[-1] if good else None


def extract_from(text, prompt, name, is_completion):
    """The program of one answer, or None."""
    begins = CHAT_BEGINS.match(text)
    text = text[begins.end():] if begins else text
    blocks = [Candidate(content, "fenced block" if closed else "block with one fence", at)
              for content, at, closed in blocks_of(text)]
    blocks += [Candidate(m[1], "code on one line", text[:m.start()].count("\n")) for m in last_of(ONE_LINE, text)]
    tagged = [Candidate(m[2] or m[4] or "", "tag " + (m[1] or m[3]), text[:m.start()].count("\n"))
              for m in last_of(TAGGED, text)]
    calls = [Candidate(program, "tool call", text[:at].count("\n")) for program, at in tool_calls(text)]
    groups = [("fenced", blocks), ("tagged", tagged), ("tool_call", calls)]
    for rule, group in groups:
        best = chosen_of(group, name)
        if best:
            program, rules = completed(best, blocks if rule == "fenced" else group, prompt, name)
            place = f"{best.how}, {group.index(best) + 1} of {len(group)}, from line {best.at + 1}"
            return finished(program, [rule] + rules, name, place)
    # Marked, but with more behind it than the program, or only the body of the function.
    for rule, group in groups:
        for c in reversed(group):
            part, tree = longest_valid("", c.text, lambda tree: answers(tree, name))
            if part is not None:
                c.text, c.tree, c.rules = part, tree, ["cut"]
                program, rules = completed(c, group, prompt, name)
                return finished(program, [rule] + rules, name, f"{c.how}, from line {c.at + 1}, as far as it parses")
    if not blocks and is_completion:
        done = completion(text, prompt, name)
        if done and (not done[1] or "whole_program" not in done[1]):
            return {"program": done[0], "rules": done[1], "chosen": "the whole text, after the prompt"}
    found = [Candidate(region, "text that parses", at) for region, at in regions_of(END_OF_TEXT.split(text, maxsplit=1)[0])]
    best = chosen_of(found or [Candidate(text, "the whole text", 0)], name)
    if best:
        whole = len(found) == 1 and best.text.strip() == text.strip()
        program, rules = completed(best, found, prompt, name)
        return finished(program, ([] if whole else ["region"]) + rules, name,
                        "the whole text" if whole else f"{best.how}, from line {best.at + 1}")
    for rule, group in groups + [("", [Candidate(text, "the whole text", 0)] if is_completion else [])]:
        for c in reversed(group):
            if c.text.strip() and entry_of(c.tree.body if c.tree else [], name) is None and not re.match(r"\s*(?:diff |--- |\{)", c.text):
                done = completion(c.text, prompt, name)
                if done:
                    return {"program": done[0], "rules": ([rule] if rule else []) + ["body"] + done[1],
                            "chosen": f"{c.how}, from line {c.at + 1}, after the prompt"}
    if "```" not in text and text.count("\n>") and (quoted := re.sub(r"(?m)^> ?", "", text)) != text:
        return extract_from(quoted, prompt, name, is_completion)
    # Code that is there and does not parse, or has only a stub or another name: judged as it stands.
    for rule, group in groups:
        said = [c for c in group if re.search(r"\bdef\s+" + re.escape(name) + r"\b", c.text)]
        said = said or [c for c in group if c.tree is not None and c.tree.body and re.search(r"(?m)^\s*(?:def|class)\s", c.text)]
        said = said or [c for c in group if BRACED.search(c.text)]
        if said:
            return {"program": said[-1].text, "rules": [rule], "chosen": f"{said[-1].how}, from line {said[-1].at + 1}"}
    said = re.search(r"(?m)^(?:async\s+)?def\s+" + re.escape(name) + r"\b", text)
    said = said or re.search(r"(?m)^.*\b" + re.escape(name) + r"\s*\(.*\{[ \t\r]*$", text)
    if said:
        return {"program": text[said.start():], "rules": ["region"], "chosen": "from its definition on; it does not parse"}
    if found and any(isinstance(n, FUNCTIONS + (ast.ClassDef,)) for c in found for n in c.tree.body):
        return {"program": found[-1].text, "rules": ["region"], "chosen": f"text that parses, from line {found[-1].at + 1}"}
    if is_completion and text[:1] in " \t":
        return {"program": prompt + text, "rules": [], "chosen": "the whole text, after the prompt; it does not parse"}
    return None


def intake(kind, text, prompt, name):
    if kind == "chat" or kind == "chat completion":
        texts, rules = without_draft(text)
        for each in texts:
            found = extract_from(each, prompt, name, kind == "chat completion")
            if found:
                return {**found, "rules": rules + found["rules"]}
        return {"program": "", "rules": rules + ["no_program"],
                "chosen": "nothing that could be a program" if texts else "a draft that is never closed"}
    if kind == "completion":
        done = completion(text, prompt, name)
        program, rules = done if done else (prompt + text, [])
    else:
        program, rules = text, []
    tree = parsed(program)
    if tree is not None and entry_of(tree.body, name) is None and method_of(tree, name):
        program, rules = with_method(program, tree, name), rules + ["class_method"]
    return {"program": program, "rules": rules, "chosen": ""}
