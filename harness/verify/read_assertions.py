# Executed in a jail: assertions cut out of what a model wrote, and each of them read.
# read(text, entry_point, whole_text) -> [(form, text, arguments, expected), ...], where form is one of
# datasets::Assertion::Form's names, or "none" with the reason behind the text. Nothing is evaluated but literals.
import ast

STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint", "\n```")


def cut(text, entry_point):
    """As CodeT cuts a completion of a prompt that ends in "assert": what stands before the first one is an assertion too."""
    found = []
    for part in ("assert " + text).split("assert "):
        for stop in STOPS:
            part = part.split(stop)[0]
        part = part.strip()
        if part and entry_point in part:
            found.append("assert " + part)
    return found


def is_call(node, entry_point):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == entry_point and not node.keywords


def names(tree, name):
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def literal(node):
    """(whether it is one, its value)"""
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def called(node, entry_point):
    """(whether it is a call with literal arguments, these)"""
    if not is_call(node, entry_point):
        return False, ()
    values = [literal(argument) for argument in node.args]
    return all(known for known, _ in values), tuple(value for _, value in values)


def split(test, entry_point):
    """(form, arguments, expected) of a comparison that one call's answer decides."""
    known, arguments = called(test, entry_point)
    if known:
        return "truthy", arguments, None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        known, arguments = called(test.operand, entry_point)
        if known:
            return "falsy", arguments, None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Eq, ast.NotEq)):
        sides = test.left, test.comparators[0]
        for call, other in (sides, sides[::-1]):
            known, arguments = called(call, entry_point)
            is_literal, expected = literal(other)
            if known and is_literal:
                return "equal" if isinstance(test.ops[0], ast.Eq) else "unequal", arguments, expected
    return "text", (), None


def read_one(text, entry_point):
    try:
        body = ast.parse(text).body
        if len(body) != 1 or not isinstance(body[0], ast.Assert):
            return "none", text, "it is not one assert statement", None
        test = body[0].test
        if not names(test, entry_point):
            return "none", text, "it does not call " + entry_point, None
        if isinstance(test, ast.Tuple):
            return "none", text, "it asserts a tuple, which is always true", None
        form, arguments, expected = split(test, entry_point)
        whole = "assert " + ast.unparse(test)
        for one in text, whole:  # what parses may still not compile, as an `await` outside a function
            compile(one, "<assertion>", "exec", dont_inherit=True)
        return form, whole, arguments, expected
    except SyntaxError as error:
        return "none", text, "it does not compile: " + str(error.msg), None
    except (ValueError, TypeError, OverflowError, SystemError, RecursionError, MemoryError) as error:
        return "none", text, "it cannot be read: " + type(error).__name__, None


def read(text, entry_point, whole_text):
    return [read_one(one, entry_point) for one in (cut(text, entry_point) if whole_text else [text.strip()])]


def setup(prompt, _, __):
    """What of a prompt can be executed: all of it, or nothing."""
    try:
        ast.parse(prompt)
        return prompt
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
