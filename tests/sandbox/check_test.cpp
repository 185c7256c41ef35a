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
  CHECK(outcome.message == "at 7");
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
