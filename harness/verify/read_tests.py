# Executed in a jail: what a reading of a test text shows that its run cannot: tests that judge nothing, or that nothing
# reaches. read(text) -> [[kind, sentence], ...]; the kinds are Flaw's (harness/verify/audit.h).
import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
QUOTED_MAX = 100


def quoted(text, node):
    return "`" + " ".join((ast.get_source_segment(text, node) or "").split())[:QUOTED_MAX] + "`"


def computes(node):
    """Whether it is a comparison, or made of some."""
    if isinstance(node, ast.UnaryOp):
        return computes(node.operand)
    return isinstance(node, ast.Compare) or isinstance(node, ast.BoolOp) and any(map(computes, node.values))


def is_test(node):
    return isinstance(node, (*FUNCTIONS, ast.ClassDef)) and (node.name.lower().startswith("test") or node.name == "check")


def loads(nodes, name):
    return any(isinstance(n, ast.Name) and n.id == name or isinstance(n, ast.Attribute) and n.attr == name
               for node in nodes for n in ast.walk(node))


def own_nodes(function):
    """What is in a function, but for functions in it."""
    nodes = list(function.body)
    while nodes:
        node = nodes.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.Lambda)):
            nodes += ast.iter_child_nodes(node)


def bodies(node):
    """The lists of statements in a node."""
    return [body for _, body in ast.iter_fields(node) if isinstance(body, list) and body and isinstance(body[0], ast.stmt)]


def is_main_guard(node):
    return isinstance(node, ast.If) and loads([node.test], "__name__")


class Reading:
    def __init__(self, text):
        self.text, self.tree, self.found = text, ast.parse(text), []
        statements = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        self.used = {call.func.id for call in calls if id(call) not in statements}  # its result goes somewhere
        self.called = {call.func.id: call.lineno for call in calls if id(call) in statements}
        self.look(self.tree, None)

    def say(self, kind, sentence):
        self.found.append([kind, sentence])

    def look(self, node, inside):
        for body in bodies(node):
            self.look_for_hidden(body)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Expr) and computes(child.value):
                self.say("asserts_nothing", f"line {child.lineno} computes {quoted(self.text, child)} and asserts nothing of it: "
                         "write assert before it")
            elif isinstance(child, ast.Assert) and isinstance(child.test, ast.Tuple) and child.test.elts:
                self.say("asserts_nothing", f"line {child.lineno} asserts a tuple, which is always true: leave out the parentheses")
            if isinstance(child, FUNCTIONS) and is_test(child):
                self.look_at_test(child, inside)
            if is_main_guard(child):
                for test in filter(is_test, child.body):
                    self.say("never_run", f"{test.name} in line {test.lineno} stands under `if __name__ == ...`, which is not run")
            else:
                self.look(child, child if isinstance(child, FUNCTIONS) else inside)

    def look_at_test(self, test, inside):
        where = f"{test.name} in line {test.lineno}"
        if inside and not loads(inside.body, test.name):
            self.say("never_run", f"{where} is defined inside of {inside.name}, where nothing calls it")
        if test.name in self.used:
            return
        for node in own_nodes(test):
            if isinstance(node, ast.Return) and node.value and computes(node.value):
                self.say("asserts_nothing", f"line {node.lineno} returns {quoted(self.text, node.value)} from {test.name}, and "
                         "nothing asserts it: write assert for return")
        empty = isinstance(test, ast.AsyncFunctionDef) and "a coroutine" or any(
            isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own_nodes(test)) and "a generator"
        if empty and test.name in self.called:
            self.say("never_run", f"{where} is {empty}: the call in line {self.called[test.name]} runs nothing of it")

    def look_for_hidden(self, body):
        for first, test in enumerate(body):
            again = next((i for i in range(first + 1, len(body)) if is_test(body[i]) and body[i].name == getattr(test, "name", None)),
                         None) if is_test(test) else None
            if again and not loads(body[first + 1:again] + body[again].decorator_list, test.name):
                self.say("never_run", f"{test.name} in line {test.lineno} is hidden by another {test.name} in line "
                         f"{body[again].lineno}")


def read(text):
    return Reading(text).found
