# Measures the style of a program's text; runs in the jail. The text is parsed and never executed.
# Returns what harness/store/style.h holds, or why a part of it could not be had.
import ast
import functools
import io
import re
import tokenize

SNAKE = re.compile(r"[^A-Z]*[^A-Z_][^A-Z]*")
CAMEL = re.compile(r"[a-z][a-zA-Z0-9]*")
# How a completion was cut decides on its last line, not how it was written.
IGNORED = ("E121", "E123", "E126", "E226", "E24", "E704", "W503", "W504", "W292", "W391")


def names_and_functions(tree):
    names, longest, functions = set(), 0, 0
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
            functions += 1
            longest = max(longest, node.end_lineno - node.lineno + 1)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    names = [name.strip("_") for name in names]
    names = [name for name in names if name]
    return names, functions, longest


@functools.lru_cache
def pycodestyle_options():
    import pycodestyle
    guide = pycodestyle.StyleGuide(quiet=2, ignore=IGNORED, parse_argv=False, config_file=False)
    pycodestyle.noqa = lambda line: False  # a remark for the checker changes nothing in what is written
    return guide.options


def pycodestyle_findings(source):
    import pycodestyle
    lines = io.StringIO(source).readlines()
    return pycodestyle.Checker("program.py", lines=lines, options=pycodestyle_options()).check_all()


def complexity(tree):
    import mccabe
    visitor = mccabe.PathGraphingAstVisitor()
    visitor.preorder(tree, visitor)
    return max([graph.complexity() for graph in visitor.graphs.values()], default=1)


def versions():
    import platform
    out = ["Python " + platform.python_version()]
    for name in ("pycodestyle", "mccabe"):
        try:
            out.append(name + " " + __import__(name).__version__)
        except ImportError:
            out.append("no " + name)
    return ", ".join(out)


def measure(source):
    if not source:
        return versions()
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    lines = [line for line in source.split("\n") if line.strip()]
    found = {"lines": len(lines), "characters": sum(map(len, lines)), "line_longest": max(map(len, lines), default=0)}
    reasons = []

    def part(what, take):
        try:
            take()
        except ImportError:
            reasons.append(what + " is not installed beside the interpreter")
        except Exception as error:
            reasons.append(what + ": " + type(error).__name__)

    def comments():
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        found["comment_lines"] = sum(token.type == tokenize.COMMENT for token in tokens)

    def tree():
        parsed = ast.parse(source)
        names, functions, longest = names_and_functions(parsed)
        found.update(names=len(names), names_snake=sum(bool(SNAKE.fullmatch(n)) for n in names),
                     names_camel=sum(bool(CAMEL.fullmatch(n)) for n in names),
                     functions=functions, function_longest=longest)
        part("mccabe", lambda: found.update(complexity=complexity(parsed)))

    part("tokenize", comments)
    part("ast", tree)
    part("pycodestyle", lambda: found.update(findings=pycodestyle_findings(source)))
    found["reason"] = "; ".join(reasons)
    return found
