# Appended to a test text that leaves its tests to a framework: runs what the text's names stand for once it has been
# executed, as pytest and unittest would. Only what the text itself defines: where the program's names stand beside it, tests
# of the program's own are no tests. What cannot be run is no error here, as the others judge; it is told in _assay_not_run, a
# sentence each. Builtins are imported, since programs have variables called `list` and `str`.
_assay_not_run = []


def _assay_run_tests(called):
    from builtins import (AssertionError, ValueError, any, eval, id, range, set, dict, getattr, globals, hasattr, isinstance, issubclass, len, list,
                          map, next, reversed, str, tuple, type, vars, zip)
    import itertools, opcode, sys, types
    names, tell = dict(globals()), _assay_not_run.append
    unittest = sys.modules.get("unittest")
    coroutine, generator = 0x80, 0x220  # of code.co_flags

    def code_of(thing):
        """The code of a function of this text, decorated or not; None of anything else."""
        thing = getattr(thing, "__func__", thing)
        while hasattr(thing, "__wrapped__"):
            thing = thing.__wrapped__
        code = getattr(thing, "__code__", None)
        return code if getattr(code, "co_filename", None) == _assay_run_tests.__code__.co_filename else None

    def defines(kind, begin):
        return any(name.startswith(begin) and code_of(thing) for of in kind.__mro__ for name, thing in vars(of).items())

    def classes_in(kind):
        """It, and the classes defined inside of it."""
        return [kind] + [one for inner in vars(kind).values() if isinstance(inner, type) and inner.__qualname__.startswith(
            kind.__qualname__ + ".") for one in classes_in(inner)]

    def wanted(function):
        """What must be given to a function, by name; to a bound method, besides its instance."""
        bound = isinstance(function, types.MethodType)
        function = getattr(function, "__func__", function)
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        code, count = function.__code__, function.__code__.co_argcount
        keywords = code.co_varnames[count:count + code.co_kwonlyargcount]
        return code.co_varnames[bound:count - len(function.__defaults__ or ())] + tuple(
            name for name in keywords if name not in (function.__kwdefaults__ or {}))

    # ---- pytest's own objects

    def fixtures_of(space):
        """{name: (function, its marker)} of what @pytest.fixture made, in its form before and since pytest 8.4."""
        found = {}
        for name, thing in space.items():
            marker = getattr(thing, "_pytestfixturefunction", None) or getattr(thing, "_fixture_function_marker", None)
            if type(marker).__name__ == "FixtureFunctionMarker":
                function = thing._get_wrapped_function() if hasattr(thing, "_get_wrapped_function") else thing.__pytest_wrapped__.obj
                found[marker.name or name] = function, marker
        return found

    def marks_of(*things):
        found = []
        for thing in things:
            marks = getattr(thing, "pytestmark", [])
            found += marks if isinstance(marks, list) else [marks]
        return found

    rows_known = {}

    def rows_of(mark):
        """The runs that one @pytest.mark.parametrize asks for: {name: value} each. Values may be an iterator, which is read
        once."""
        if id(mark) not in rows_known:
            rows_known[id(mark)] = mark, read_rows(mark)
        return rows_known[id(mark)][1]

    def read_rows(mark):
        given = dict(zip(("argnames", "argvalues"), mark.args), **mark.kwargs)
        keys, rows = given["argnames"], []
        single = isinstance(keys, str) and len(keys.split(",")) == 1
        keys = [key.strip() for key in keys.split(",") if key.strip()] if isinstance(keys, str) else list(keys)
        for value in given["argvalues"]:
            if type(value).__name__ == "ParameterSet":
                if hinders(value.marks):
                    tell(f"a row of parametrize is marked {hinders(value.marks)}")
                    continue
                value = value.values
            elif single:
                value = value,
            if len(value) != len(keys):
                raise ValueError(f"parametrize names {len(keys)} parameters and gives {len(value)} values")
            rows.append(dict(zip(keys, value)))
        return rows

    def hinders(marks):
        """The mark by which a test is not run, if any."""
        for mark in marks:
            conditions = mark.args or (mark.kwargs.get("condition", True),)
            if mark.name == "skip" or mark.name in ("skipif", "xfail") and any(map(holds, conditions)):
                return mark.name

    def holds(condition):
        return eval(condition, {"sys": sys, **names}) if isinstance(condition, str) else condition

    # ---- one function or method

    own_fixtures, kept, endings = fixtures_of(names), {}, []

    def run(label, function, marks, fixtures, instance, around):
        flags = code_of(function).co_flags
        needs = [name for name, (_, marker) in fixtures.items() if marker.autouse]
        needs += [name for mark in marks if mark.name == "usefixtures" for name in mark.args]
        axes = [mark for mark in marks if mark.name == "parametrize"]
        given = {key for axis in axes for row in rows_of(axis) for key in row}
        lacks = lacking([*needs, *wanted(function)], given, fixtures, ())
        if hinders(marks):
            return tell(f"{label} is marked {hinders(marks)}")
        if flags & coroutine:
            return tell(f"{label} is a coroutine, which nothing awaits: make it a plain function that calls asyncio.run()")
        if flags & generator:
            return tell(f"{label} holds a yield, so that calling it runs nothing of it: assert in a plain function")
        if any(mark.kwargs.get("indirect") for mark in axes):
            return tell(f"{label} is parametrized indirectly, which is not done here")
        if lacks:
            return tell(f"{label} takes {lacks}, and there is no such fixture here: give it a value in the text")
        for rows in itertools.product(*map(rows_of, reversed(axes))):
            values, ends = {}, []
            for row in rows:
                values.update(row)
            try:
                around("setup")
                for name in needs:
                    value_of(name, values, fixtures, instance, ends)
                function(**{name: value_of(name, values, fixtures, instance, ends) for name in wanted(function)})
            finally:
                finish(ends)
                around("teardown")

    def lacking(needs, given, fixtures, above):
        """The first name that nothing gives, by way of other fixtures too."""
        for name in needs:
            if name in given or name == "candidate" and name not in fixtures:
                continue
            if name not in fixtures or name in above or fixtures[name][1].params:
                return name
            inner = lacking(fixture_needs(fixtures[name][0]), given, fixtures, (*above, name))
            if inner:
                return inner

    def fixture_needs(function):
        return [name for name in wanted(function) if name != "self"]

    def value_of(name, values, fixtures, instance, ends):
        if name in values or name in kept:
            return values[name] if name in values else kept[name]
        if name not in fixtures:
            return names["candidate"]
        function, marker = fixtures[name]
        once = marker.scope in ("module", "session", "package")
        ends = endings if once else ends
        inner = {need: value_of(need, {} if once else values, fixtures, instance, ends) for need in fixture_needs(function)}
        value = function(instance, **inner) if "self" in wanted(function) else function(**inner)
        if function.__code__.co_flags & generator:
            begun, value = value, next(value)
            ends.append(lambda: next(begun, None))
        (kept if once else values)[name] = value
        return value

    def finish(ends):
        while ends:
            ends.pop()()

    # ---- classes

    def run_class(label, kind):
        """Of pytest's kind: an instance for each test."""
        if kind.__init__ is not type("", (), {}).__init__:
            return tell(f"{label} has an __init__, so that pytest would not run it")
        spaces = {}
        for of in reversed(kind.__mro__):
            spaces.update(vars(of))
        call(getattr(kind, "setup_class", None))
        for name, thing in spaces.items():
            if name.startswith("Test") and isinstance(thing, type) and any(defines(one, "test") for one in classes_in(thing)):
                run_class(f"{label}.{name}", thing)
            elif name.startswith("test") and code_of(thing):
                instance = kind()
                run(f"{label}.{name}", getattr(instance, name), marks_of(thing, kind, module), {**own_fixtures, **fixtures_of(spaces)},
                    instance, lambda when: call(getattr(instance, when + "_method", None), thing))
        call(getattr(kind, "teardown_class", None))

    def call(function, about=None):
        if function:
            function(*(about,) * len(wanted(function)))

    def run_cases(label, kind):
        """Of unittest's kind, by unittest; the first failure is raised as it was, others are not met."""
        class Result(unittest.TestResult):
            failed = None

            def fail(self, error):
                self.failed = self.failed or error
                self.stop()

            def addError(self, test, error):
                self.fail(error)

            addFailure = addError

            def addSubTest(self, test, subtest, error):
                if error:
                    self.fail(error)

            def addUnexpectedSuccess(self, test):
                self.fail((None, AssertionError(f"{test} was to fail"), None))

            def addSkip(self, test, reason):
                # What a program could bring about is no way to pass.
                method = getattr(test, getattr(test, "_testMethodName", ""), None)
                if getattr(kind, "__unittest_skip__", False) or getattr(method, "__unittest_skip__", False):
                    tell(f"{label}.{getattr(test, '_testMethodName', '')} is skipped")
                else:
                    self.fail((None, AssertionError(f"{test} skips itself: {reason}"), None))

        for name in unittest.defaultTestLoader.getTestCaseNames(kind):
            flags = getattr(code_of(getattr(kind, name)), "co_flags", 0)
            if flags & generator or flags & coroutine and not issubclass(kind, unittest.IsolatedAsyncioTestCase):
                tell(f"{label}.{name} is a coroutine or holds a yield, so that calling it runs nothing of it")
        result = Result()
        unittest.defaultTestLoader.loadTestsFromTestCase(kind).run(result)
        if result.failed:
            raise result.failed[1].with_traceback(result.failed[2])

    # ---- what the text calls itself

    def loaded_by(code):
        """The names that a module's or a class's code reads."""
        found, extended = set(), 0
        for at in range(0, len(code.co_code), 2):
            op, argument = code.co_code[at], code.co_code[at + 1] | extended
            extended = argument << 8 if op == opcode.EXTENDED_ARG else 0
            if op == opcode.opmap["LOAD_NAME"]:
                found.add(code.co_names[argument])
        return found

    def reached():
        """The names that run from the text's own statements can reach: what stands in strings, comments, or functions that
        nothing calls is not among them."""
        found, codes = set(), [sys._getframe(2).f_code]
        while codes:
            code = codes.pop()
            optimised = code.co_flags & 1  # a function's, with names of its own
            more = (set(code.co_names) if optimised else loaded_by(code)) - found
            found |= more
            codes += [code_of(names[name]) for name in more if name in names and code_of(names[name])]
            codes += [part for part in code.co_consts if type(part) is type(code) and (
                not part.co_flags & 1 or part.co_name.startswith("<"))]
        return found

    called = reached().intersection(called)

    # ---- all of them, in the order of the text

    module = types.SimpleNamespace(pytestmark=names.get("pytestmark", []))
    itself = next((one for one in list(sys.modules.values()) if getattr(one, "__dict__", None) is globals()), None)
    hooks = {name: names[name] for name in names if name.startswith(("setup_", "teardown_")) and code_of(names[name])}
    call(hooks.get("setup_module"), itself)
    try:
        for name, thing in names.items():
            if name in called:
                continue
            if isinstance(thing, type):
                if unittest and issubclass(thing, unittest.TestCase):
                    if defines(thing, unittest.defaultTestLoader.testMethodPrefix) or defines(thing, "runTest"):
                        run_cases(name, thing)
                elif name.startswith("Test") and any(defines(one, "test") for one in classes_in(thing)):
                    run_class(name, thing)
            elif name.startswith("test") and isinstance(thing, types.FunctionType) and code_of(thing):
                run(name, thing, marks_of(thing, module), own_fixtures, None,
                    lambda when: call(hooks.get(when + "_function"), thing))
            elif name.startswith("test") and type(thing).__name__ == "partial" and code_of(thing.func):
                thing()
    finally:
        finish(endings)
    call(hooks.get("teardown_module"), itself)


