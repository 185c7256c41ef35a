#include <doctest/doctest.h>

#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

static CheckJob check_of(std::string program, std::string checker, std::string setup = "") {
  CheckJob job;
  job.program = std::move(program);
  job.checker = std::move(checker);
  job.checker_setup = std::move(setup);
  job.entry_point = "f";
  job.limits.test_cpu_s = 0.3;
  job.limits.load_cpu_s = 0.5;
  return job;
}

static Outcome check(std::string program, std::string checker, std::string setup = "") {
  return shared_worker().check(check_of(std::move(program), std::move(checker), std::move(setup)));
}

TEST_CASE("sandbox check: a right program passes, a wrong one fails by the checker's assertion") {
  const char* checker =
      "for i in range(20):\n  assert candidate(i) == i + 1, f'at {i}'\n  assert f(i) == i + 1";
  Outcome outcome = check("def f(x): return x + 1", checker);
  CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
  outcome = check("def f(x): return x + (x != 7)", checker);
  CHECK(outcome.end == End::assertion);
  CHECK(
      outcome.message ==
      "at 7; line 2 of the tests: assert candidate(i) == i + 1, f'at {i}', where 7 == 8 is false");
}

TEST_CASE("sandbox check: every way to end") {
  struct Case {
    const char *program, *checker;
    End end;
  };
  const Case cases[] = {
      {"def f(x) return", "f(1)", End::syntax},
      {"def g(x): return", "f(1)", End::no_entry_point},
      {"raise KeyError(1)", "f(1)", End::raised},
      {"def f(x): return x", "", End::completed},
      {"def f(x) return", "", End::syntax},
      {"def f(x): raise KeyError(x)", "f(1)", End::raised},
      {"def f(x): assert False", "f(1)", End::raised},
      {"def f(x): raise KeyError(x)", "try: f(1)\nexcept KeyError: pass\nelse: assert 0",
       End::completed},
      {"class E(Exception): pass\ndef f(x): raise E(x)", "try: f(1)\nexcept RuntimeError: pass",
       End::completed},
      {"import sys\ndef f(x): sys.exit(0)", "f(1)", End::raised},
      {"import sys\nsys.exit(0)", "f(1)", End::exited},
      {"import os\ndef f(x): os._exit(0)", "f(1)", End::exited},
      {"import os\ndef f(x): os._exit(0)", "try: f(1)\nexcept BaseException: pass", End::exited},
      {"import os\ndef f(x): os.abort()", "f(1)", End::crash},
      {"import os\ndef f(x): os.closerange(0, 100)", "f(1)", End::exited},
      {"def f(x):\n  while True: pass", "f(1)", End::timeout_cpu},
      {"while True: pass", "f(1)", End::timeout_cpu},
      {"def f(x): return x", "while f(1): pass", End::timeout_cpu},
      {"def f(x): return [0] * (1 << 40)", "f(1)", End::memory},
      {"def f(x): return 'a' * (17 << 20)", "f(1)", End::output},
      {"def f(x): return x", "this is no python", End::missing},
      {"def f(x): return object()", "assert f(1) != f(1) and not f(1) == f(1)", End::completed},
      {"def f(x): return object()", "assert f(1) < 3", End::raised},
      {"class A(int):\n  def __eq__(s, o): return True\ndef f(x): return A()", "assert f(1) == 3",
       End::assertion},
      {"def f(x): x.append(1); return len(x)", "a = []\nassert f(a) == 1 and f(a) == 1 and a == []",
       End::completed},
      {"def f(x, *, y=1): return x + y", "assert f(1) == 2 and f(1, y=3) == 4", End::completed},
      {"def f(g): return g('abc')", "assert f(len) == 3 and f(max) == 'c'", End::completed},
  };
  for (const Case& one : cases) {
    CAPTURE(one.program);
    CAPTURE(one.checker);
    const Outcome outcome = check(one.program, one.checker);
    CHECK_MESSAGE(outcome.end == one.end,
                  "end " << static_cast<int>(outcome.end) << " " << outcome.message);
  }
}

TEST_CASE("sandbox check: the reference's helpers are there, and the name means the program") {
  const Outcome outcome = check("def f(x): return 5", "assert f(1) == helper(4)",
                                "def helper(x): return x + 1\ndef f(x): return 0");
  CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
}

TEST_CASE("sandbox check: a sleeper ends by the wall clock, a slow checker does not") {
  CheckJob job = check_of("import time\ndef f(x): time.sleep(60)", "f(1)");
  job.limits.wall_s_min = 0.3;
  job.limits.wall_factor = 0.1;
  CHECK(shared_worker().check(job).end == End::timeout_wall);
  job.program = "def f(x): return x";
  job.checker =
      "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\nf(1)";
  CHECK(shared_worker().check(job).end == End::completed);
}

TEST_CASE("sandbox check: in one process") {
  CheckJob job = check_of("class P:\n  def __init__(s, x): s.x = x\ndef f(x): return P(x)",
                          "assert f(P(1)).x.x == 1 and candidate is f");
  job.in_process = true;
  CHECK(shared_worker().check(job).end == End::completed);
  job.checker = "assert f(1) == 3";
  CHECK(shared_worker().check(job).end == End::assertion);
  job.program = "def f(x):\n  while True: pass";
  CHECK(shared_worker().check(job).end == End::timeout_cpu);
  job.program = "def f(x): return";
  job.checker = "f(1); raise KeyError";
  CHECK(shared_worker().check(job).end == End::raised);
}

TEST_CASE("sandbox check: a failure says its line in the tests, and what was compared") {
  // "AssertionError" was all that was known of most failures of a test text.
  struct Case {
    const char *program, *checker, *message;
  };
  const Case cases[] = {
      {"def f(x): return x", "x = 1\nassert f(x) == (\n    2)\n",
       "line 2 of the tests: assert f(x) == ( 2), where 1 == 2 is false"},
      {"def f(x): return 'a\\x1b[0m'", "def g():\n  assert 'b' in f(1)\ng()",
       "line 2 of the tests: assert 'b' in f(1), where 'b' in 'a\\x1b[0m' is false"},
      {"def f(x): return [x, {'k': (1.5,)}, set(), None]", "if 1:\n  assert f(1) is None",
       "line 2 of the tests: assert f(1) is None, where [1, {'k': (1.5,)}, set(), None] is None is "
       "false"},
      {"def f(x): return 1 / x", "assert f(1) == 1\nassert f(0) == 1",
       "division by zero; line 2 of the tests: assert f(0) == 1"},
      // Sides of an assert before are none of these.
      {"def f(x): return x", "assert f(1) == 1\nraise AssertionError('m')",
       "m; line 2 of the tests: raise AssertionError('m')"},
      {"def f(x): return x", "assert f(1) == 1; assert f(2) == 1",
       "line 1 of the tests: assert f(1) == 1; assert f(2) == 1"},
      {"def f(x): return x",
       "class A:\n  def __eq__(s, o): raise AssertionError('m')\nassert A() == f(1)",
       "m; line 2 of the tests: def __eq__(s, o): raise AssertionError('m')"},
      {"def f(x): return x", "for x in 1, 2:\n  assert f(x) == 1 < 2",
       "line 2 of the tests: assert f(x) == 1 < 2"},
      {"def f(x): return x", "class A:\n  def __repr__(s): raise KeyError\nassert f(1) == A()",
       "line 3 of the tests: assert f(1) == A(), where 1 == <A> is false"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.checker);
    CHECK(check(one.program, one.checker).message == one.message);
  }
}

TEST_CASE(
    "sandbox check: what was compared is shown in little time and room, however large it is") {
  // A repr() of a million digits takes minutes: a wrong answer would have become a timeout.
  for (const char* program :
       {"def f(x): return 10 ** 1000000", "def f(x): return [10 ** 1000000] * 3",
        "def f(x): return list(range(1000000))", "def f(x): return 'x' * 10000000",
        "def f(x):\n  y = []\n  for i in range(150): y = [y]\n  return y",
        "import fractions\ndef f(x): return fractions.Fraction(10 ** 1000000, 3)",
        "import collections\ndef f(x): return collections.namedtuple('P', 'a')([1] * 100000)",
        "def f(x): return {i: i for i in range(100000)}"}) {
    CAPTURE(program);
    CheckJob job = check_of(program, "assert f(1) == 3");
    job.limits.test_cpu_s = 2;
    const Outcome outcome = shared_worker().check(job);
    CHECK_MESSAGE(outcome.end == End::assertion, outcome.message);
    CHECK(outcome.message.starts_with("line 1 of the tests: assert f(1) == 3, where "));
    CHECK(outcome.message.ends_with(" == 3 is false"));
    CHECK(outcome.message.size() < 300);
  }
}

TEST_CASE("sandbox check: in one process no code of the program's tells what was compared") {
  CheckJob job = check_of(R"(
import os
class M(type):
    def __getattribute__(c, name): os._exit(0)
class A(metaclass=M):
    def __repr__(s): os._exit(0)
    def __eq__(s, o): return False
class L(list):
    def __iter__(s): os._exit(0)
def f(x): return [A(), L([1])]
)",
                          "assert f(1) == [3]");
  job.in_process = true;
  const Outcome outcome = shared_worker().check(job);
  CHECK(outcome.end == End::assertion);
  CHECK(outcome.message ==
        "line 1 of the tests: assert f(1) == [3], where [<A>, <L>] == [3] is false");
}

TEST_CASE("sandbox check: a program that writes to every descriptor forges nothing") {
  const Outcome outcome = check(R"(
import os
def f(x):
    for fd in range(32):
        try: os.write(fd, b'\x00' * 4096)
        except OSError: pass
    return 0
)",
                                "assert f(1) == 3");
  CHECK(outcome.end == End::tampered);
}

// Each relayed exception left its message behind in the checker: one that is told of a million
// failures grew towards a `memory` of its own making.
TEST_CASE("sandbox check: a program that raises in every call does not grow the checker") {
  const char* program = "def f(x): raise ValueError('m' * 4000)";
  CheckJob job = check_of(program, R"(
for i in range(20000):
    try: f(i)
    except ValueError as e: assert len(str(e)) == 4000
)");
  job.limits.memory_mib = 40;  // 20,000 messages are 80 MB
  job.limits.test_cpu_s = 20;
  const Outcome outcome = shared_worker().check(job);
  CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
}

TEST_CASE("sandbox: a type that calls itself by a line of code is a name with marks in it") {
  const std::string program = R"(
class P: pass
P.__module__ = "a b"
P.__qualname__ = "0\n  __import__('os').system('id')#\u00e9"
def f(x): return P()
)";
  const Ran ran = run(shared_worker(), program);
  REQUIRE(ran.replies.size() == 1);
  CHECK(ran.replies[0] == "<a?b.0???__import__??os??.system??id???? object>");
  CHECK(check(program, "assert repr(f(1)) == '" + ran.replies[0] + "'").end == End::completed);
}
