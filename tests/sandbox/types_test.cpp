// Values of types that are known by their address (sandbox/runtime/python/types.h), out of a real
// interpreter and, in a checker, back into one.
#include <doctest/doctest.h>

#include <memory>

#include "harness/base/error.h"
#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

static std::string answered(const std::string& program) {
  const Ran ran = run(shared_worker(), program);
  return ran.replies.empty() ? "(none)" : ran.replies[0];
}

static Outcome check(const std::string& program, const std::string& checker,
                     const std::string& setup = "") {
  CheckJob job;
  job.program = program;
  job.checker = checker;
  job.checker_setup = setup;
  job.entry_point = "f";
  return shared_worker().check(job);
}

static const char* const kSetup =
    "import collections, dataclasses, datetime, decimal, enum, fractions, itertools\n"
    "P = collections.namedtuple('P', 'x y')\n"
    "class N(enum.IntEnum): ONE = 1\n"
    "class T(str, enum.Enum): A = 'a'\n"
    "class F(enum.IntFlag):\n  A = 1\n  B = 2\n"
    "class C(enum.Enum): RED = 1\n"
    "@dataclasses.dataclass\n"
    "class D:\n  x: int\n  y: list = dataclasses.field(default_factory=list, compare=False)\n";

// All of these crossed as the name of their type alone, and were equal to nothing: the reference's own
// text failed, and so did test code that compares them.
TEST_CASE("sandbox types: each crosses as what it is, and back into a checker") {
  struct Case {
    const char *answer, *printed, *test;
  };
  const Case cases[] = {
      {"range(0, 5, 2)", "range(0, 5, 2)",
       "a == range(0, 6, 2) and a != [0, 2, 4] and a.stop == 5"},
      {"fractions.Fraction(1, 2)", "Fraction(1, 2)", "a == 0.5 and a.denominator == 2"},
      {"decimal.Decimal('1.50')", "Decimal('1.50')",
       "a == decimal.Decimal('1.5') and str(a) == '1.50'"},
      {"bytearray(b'a')", "bytearray(b'a')", "a == b'a' and type(a) is bytearray"},
      {"{'a': 1}.keys()", "dict_keys(['a'])",
       "a == {'a'} and a == {'a': 2}.keys() and len(a) == 1"},
      {"{'a': [1]}.items()", "dict_items(['a', [1]])", "a == {'a': [1]}.items()"},
      {"{'a': 1}.values()", "dict_values([1])", "list(a) == [1]"},
      {"(i for i in range(3))", "<iterator over [0, 1, 2]>", "next(a) == 0 and list(a) == [1, 2]"},
      {"map(str, [1])", "<iterator over ['1']>", "list(a) == ['1']"},
      {"datetime.date(2024, 2, 29)", "datetime.date(2024, 2, 29)",
       "a == datetime.date(2024, 2, 29)"},
      {"datetime.time(1, 2)", "datetime.time(1, 2, 0, 0, None)", "a == datetime.time(1, 2)"},
      {"datetime.datetime(2024, 2, 29, 1, tzinfo=datetime.timezone.utc)",
       "datetime.datetime(2024, 2, 29, 1, 0, 0, 0, 0)",
       "a == datetime.datetime(2024, 2, 29, 1, tzinfo=datetime.timezone.utc)"},
      {"datetime.timedelta(hours=36)", "datetime.timedelta(1, 43200, 0)", "a.days == 1"},
      {"P(1, [2])", "P(x=1, y=[2])",
       "a == (1, [2]) and a.x == 1 and a == P(1, [2]) and a != [1, [2]]"},
      {"N.ONE", "<N.ONE: 1>", "a == 1 and a == N.ONE and a.name == 'ONE' and isinstance(a, int)"},
      {"T.A", "<T.A: 'a'>", "a == 'a' and a == T.A"},
      {"F.A | F.B", "<F.A|B: 3>", "a == 3 and a == F.A | F.B"},
      {"C.RED", "<C.RED: 1>", "a == C.RED and C.RED == a and a != 1 and a.value == 1"},
      {"D(1, [2])", "D(x=1)", "a == D(1, []) and D(1) == a and a != D(2) and a != 1 and a.x == 1"},
      {"collections.deque([1])", "deque([1])", "a == collections.deque([1]) and a != [1]"},
      {"str(2 ** 20000)[:3]", "'398'", "a == '398'"},
  };
  for (const Case& one : cases) {
    const std::string program = kSetup + std::string("def f(x): return ") + one.answer;
    CHECK(answered(program) == one.printed);
    const Outcome outcome = check(program, "a = f(0)\nassert " + std::string(one.test), kSetup);
    CHECK_MESSAGE(outcome.end == End::completed, one.answer, ": ", outcome.message);
  }
}

TEST_CASE("sandbox types: what is not of the type itself crosses by its name alone") {
  struct Case {
    const char *text, *printed;
  };
  const Case cases[] = {
      {"class R(fractions.Fraction): pass\ndef f(x): return R(1)", "<R object>"},
      {"class R(P):\n  def __eq__(s, o): return True\ndef f(x): return R(1, 2)", "<R object>"},
      {"class R(enum.IntEnum):\n  X = 1\n  def __eq__(s, o): return True\ndef f(x): return R.X",
       "<R object>"},
      {"@dataclasses.dataclass\nclass R:\n  x: int\n  def __eq__(s, o): return True\n"
       "def f(x): return R(1)",
       "<R object>"},
      {"import itertools\ndef f(x): return itertools.count()", "<itertools.count object>"},
      {"class Z(datetime.tzinfo): pass\ndef f(x): return datetime.time(1, tzinfo=Z())",
       "<datetime.time object>"},
      {"class R:\n  pass\ndef f(x): return R()", "<R object>"},
  };
  for (const Case& one : cases) CHECK(answered(kSetup + std::string(one.text)) == one.printed);
}

TEST_CASE("sandbox types: an argument of such a type reaches the program as what it is") {
  const Outcome outcome =
      check("def f(x): return x * 2",
            "import decimal, fractions\n"
            "assert f(decimal.Decimal('1.5')) == 3 and f(fractions.Fraction(1, 3)) * 3 == 2");
  CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
}

/// A worker whose programs may use numpy; nullptr where the interpreter has none.
static std::unique_ptr<Worker> numpy_worker() {
  Config config;
  config.packages = {"numpy"};
  try {
    return std::make_unique<Worker>(config);
  } catch (const Error&) {
    MESSAGE("skipped: no numpy");
    return nullptr;
  }
}

TEST_CASE("sandbox types: numpy's scalars and arrays, and what only looks like them") {
  const auto worker = numpy_worker();
  if (!worker) return;
  struct Case {
    const char *text, *printed, *test;
  };
  const Case cases[] = {
      {"def f(x): return numpy.int64(3)", "<numpy '<i8', 3>",
       "assert a == 3 and not isinstance(a, int) and type(a) is numpy.int64"},
      {"def f(x): return numpy.float32(0.5)", "<numpy '<f4', 0.5>", "assert a == 0.5"},
      {"def f(x): return numpy.bool_(True)", "<numpy '|b1', True>", "assert a and a is not True"},
      {"def f(x): return numpy.array([[1, 2]])", "<numpy array '<i8', (1, 2), [1, 2]>",
       "assert numpy.array_equal(a, [[1, 2]]) and a.dtype == numpy.int64"},
      {"def f(x): return numpy.zeros((0, 3), '>f4')", "<numpy array '>f4', (0, 3), []>",
       "assert a.shape == (0, 3)"},
      {"def f(x): return numpy.array(['a', 'bc'])", "<numpy array '<U2', (2,), ['a', 'bc']>",
       "assert list(a) == ['a', 'bc']"},
      {"class E:\n  def __eq__(s, o): return True\ndef f(x): return numpy.array([E()])",
       "<numpy.ndarray object>", "assert a != 1"},
      {"class A(numpy.ndarray):\n  def __eq__(s, o): return True\ndef f(x): return A((1,))",
       "<A object>", "assert a != 1"},
      {"class I(numpy.int64):\n  def __eq__(s, o): return True\n  __hash__ = None\n"
       "def f(x): return I(9)",
       "<I object>", "assert a != 1"},
      {"class L: pass\nnumpy.int64 = numpy.ndarray = numpy.generic = L\n"
       "numpy.dtype = lambda *a: 1 / 0\ndef f(x): return numpy.float64(0.5), L()",
       "(<numpy '<f8', 0.5>, <L object>)", "assert a[0] == 0.5"},
      {"def f(x): return numpy.zeros(1, [('a', int)])", "<numpy.ndarray object>", "assert a != 1"},
      {"def f(x): return numpy.longdouble(1)", "<numpy.float128 object>", "assert a != 1"},
      {"def f(x): return numpy.broadcast_to(numpy.int8(1), (1 << 12, 1 << 12, 1 << 12))", "",
       "assert a.shape"},
  };
  for (const Case& one : cases) {
    const std::string program = "import numpy\n" + std::string(one.text);
    const Ran ran = run(*worker, program);
    if (*one.printed) {
      REQUIRE_MESSAGE(ran.replies.size() == 1, one.text, ": ", name_of(ran.outcome.end));
      CHECK(ran.replies[0] == one.printed);
    }
    CheckJob job;
    job.program = program;
    job.checker = "import numpy\na = f(0)\n" + std::string(one.test);
    job.entry_point = "f";
    const Outcome outcome = worker->check(job);
    CHECK(outcome.end != End::missing);
    CHECK_MESSAGE((outcome.end == End::completed) == (*one.printed != 0), one.text, ": ",
                  name_of(outcome.end), " ", outcome.message);
  }
  CHECK(worker->restarts() == 0);
}

// asyncio.run was refused its pair of sockets: PermissionError, and the program's `error`.
TEST_CASE("sandbox: an event loop runs; what the sandbox refuses is said") {
  CHECK(answered("import asyncio\nasync def g(): await asyncio.sleep(0); return 5\n"
                 "def f(x): return asyncio.run(g())") == "5");
  const auto ends_with = [](const std::string& text, const char* end) {
    return text.ends_with(end);
  };
  CHECK(ends_with(answered("import subprocess\ndef f(x): subprocess.run(['true'])"),
                  "(the sandbox refuses to start a process)"));
  CHECK(ends_with(answered("from multiprocessing import Pool\ndef f(x): Pool(2)"),
                  "(the sandbox refuses to start a process)"));
  CHECK(ends_with(answered("import os\ndef f(x): os.fork()"), "(the sandbox refuses this call)"));
  CHECK(ends_with(answered("import socket\ndef f(x): socket.socket()"),
                  "(the sandbox refuses to reach a network)"));
  CHECK(ends_with(answered("import tempfile\ndef f(x): tempfile.TemporaryFile()"),
                  "(the sandbox refuses to write a file)"));
  CHECK(answered("def f(x): raise OSError(2, 'x' * 9999)").size() > 4000);
}
