// A checker's process serves one program after another of a suite where its texts leave nothing
// behind. No program may find anything of the one before, nor spoil anything for the one after.
#include <doctest/doctest.h>

#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

static CheckJob job_of_check(std::string program, std::string checker, std::string setup = "") {
  CheckJob job;
  job.program = std::move(program);
  job.checker = std::move(checker);
  job.checker_setup = std::move(setup);
  job.entry_point = "f";
  job.limits.test_cpu_s = 0.3;
  job.limits.load_cpu_s = 0.5;
  return job;
}

static const char kHonest[] = "def f(x): return x";

/// How many programs this process has judged before, by a way that hides from leaves_nothing().
static const char kCounts[] = R"(
import math, operator
names = operator.attrgetter('__dict__')(math)
names['uses'] = names.get('uses', -1) + 1
assert f(1) == 2, str(names['uses'])
)";

/// The message of its assert, without the place.
static std::string uses_told(Worker& worker, const CheckJob& job) {
  const std::string message = worker.check(job).message;
  return message.substr(0, message.find(';'));
}

TEST_CASE("sandbox kept checker: it is kept from the second program of a suite on") {
  Worker worker{Config{}};
  std::string uses;
  for (int i = 0; i < 5; ++i) uses += uses_told(worker, job_of_check(kHonest, kCounts));
  CHECK(uses == "00123");
  // Another suite in between, or other limits: a new one.
  CHECK(worker.check(job_of_check(kHonest, "assert f(1) == 1")).end == End::completed);
  CHECK(uses_told(worker, job_of_check(kHonest, kCounts)) == "0");
  CHECK(uses_told(worker, job_of_check(kHonest, kCounts)) == "0");
  CHECK(uses_told(worker, job_of_check(kHonest, kCounts)) == "1");
  CheckJob other = job_of_check(kHonest, kCounts);
  other.limits.memory_mib = 512;
  CHECK(uses_told(worker, other) == "0");
  CHECK(worker.restarts() == 0);
}

TEST_CASE("sandbox kept checker: a checker of outputs takes its jail, and harms neither") {
  Worker worker{Config{}};
  ScriptJob checks;
  checks.program = "print(open(0).read())";
  checks.input = "an output";
  checks.checks = true;
  std::string uses;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) uses += uses_told(worker, job_of_check(kHonest, kCounts));
    std::string written;
    CHECK(worker.script(checks, written).end == End::completed);
    CHECK(written == "an output\n");
  }
  CHECK(uses == "001012012");  // the suite being known, it is kept from its first program on
  CHECK(worker.restarts() == 0);
}

TEST_CASE("sandbox kept checker: each program finds names, defaults and draws as the first did") {
  const char* checker = R"(
import random, copy
table = {}
def note(x, seen=[]):
    global count
    count = count + 1
    table[x] = seen
    seen.append(x)
    return len(seen)
assert 'left' not in dir(), 'names'
left = 1
assert count == 0 and note(1) == 1 and note(2) == 2 and len(table) == 2, 'defaults'
drawn = [random.random() for _ in range(3)], random.gauss(0, 1)
assert candidate(drawn) == drawn
assert candidate(0) == 1, repr(drawn)
)";
  Worker worker{Config{}};
  std::string first;
  for (int i = 0; i < 6; ++i) {
    const Outcome outcome = worker.check(job_of_check(kHonest, checker, "count = 0"));
    CHECK(outcome.end == End::assertion);
    if (i == 0) first = outcome.message;
    CHECK(outcome.message == first);
  }
  CHECK(first.size() > 20);
}

TEST_CASE("sandbox kept checker: a text that reaches further is executed by a new process each") {
  const char* texts[] = {
      "import math\nassert not hasattr(math, 'n'), 'left'\nmath.n = 1\nassert f(1) == 1",
      "import sys\nassert sys.getrecursionlimit() != 77, 'left'\nsys.setrecursionlimit(77)\nf(1)",
      "import decimal\nc = decimal.getcontext()\nassert c.prec != 7, 'left'\nc.prec = 7\nf(1)",
      "import builtins\nassert not hasattr(builtins, 'n'), 'left'\nsetattr(builtins, 'n', 1)\nf(1)",
      "assert 'n' not in __builtins__.__dict__, 'left'\n__builtins__.__dict__['n'] = 1\nf(1)",
      ("from typing import sys\nassert sys.getrecursionlimit() != 77, 'left'\n"
       "sys.setrecursionlimit(77)\nf(1)"),
      "exec('import math; assert not hasattr(math, \"n\"); math.n = 1')\nf(1)",
  };
  Worker worker{Config{}};
  for (const char* text : texts) {
    CAPTURE(text);
    for (int i = 0; i < 4; ++i) {
      const Outcome outcome = worker.check(job_of_check(kHonest, text));
      CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
    }
  }
}

TEST_CASE("sandbox kept checker: no program spoils it for the next one") {
  struct Case {
    const char* program;
    End end;
  };
  const Case cases[] = {
      {"def f(x): return x + 1", End::assertion},
      {"def f(x): raise AssertionError(x)", End::raised},
      {"def f(x) return", End::syntax},
      {"import os\ndef f(x): os._exit(0)", End::exited},
      {"import os\ndef f(x): os.abort()", End::crash},
      {"import os\ndef f(x): os.closerange(0, 100)", End::exited},
      {"def f(x):\n  while True: pass", End::timeout_cpu},
      {"def f(x): return [0] * (1 << 40)", End::memory},
      {"def f(x): return 'a' * (17 << 20)", End::output},
      // More than was asked for: what is left in the stream is not the next one's.
      {R"(
import os, threading
def f(x):
    for fd in range(3, 32):
        try: os.write(fd, b'\x00' * 65536)
        except OSError: pass
    return x
)",
       End::tampered},
      {R"(
import os, socket
def f(x):
    for fd in range(3, 32):
        try: socket.socket(fileno=os.dup(fd)).shutdown(socket.SHUT_RDWR)
        except OSError: pass
    return x
)",
       End::missing},  // any verdict: it is its own
      // The right answer, then a flood while the checker is at its last line.
      {R"(
import os, threading
def flood():
    while True:
        for fd in range(3, 32):
            try: os.write(fd, b'\x01' * 4096)
            except OSError: pass
def f(x):
    if x == 19: threading.Timer(0.001, flood).start()
    return x
)",
       End::missing},  // likewise
  };
  Worker worker{Config{}};
  const char* checker = "for i in range(20): assert f(i) == i";
  for (const Case& one : cases) {
    CAPTURE(one.program);
    for (int honest = 0; honest < 3; ++honest) {
      CHECK(worker.check(job_of_check(kHonest, checker)).end == End::completed);
    }
    const Outcome outcome = worker.check(job_of_check(one.program, checker));
    if (one.end != End::missing) CHECK_MESSAGE(outcome.end == one.end, outcome.message);
    CHECK(worker.check(job_of_check(kHonest, checker)).end == End::completed);
  }
  CHECK(worker.restarts() == 0);
}

TEST_CASE("sandbox kept checker: what it cannot hold any more, a new one does") {
  // By a way that hides: 8 MiB stay behind each time.
  const char* checker = R"(
import math, operator
left = operator.attrgetter('__dict__')(math).setdefault('left', [])
left.append(bytes(8 << 20))
assert f(1) == 1
)";
  Worker worker{Config{}};
  for (int i = 0; i < 30; ++i) {
    CheckJob job = job_of_check(kHonest, checker);
    job.limits.memory_mib = 48;
    const Outcome outcome = worker.check(job);
    CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
  }
}

TEST_CASE("sandbox kept checker: at every level") {
  for (const Level level : {Level::no_namespace, Level::rlimits}) {
    Config config;
    config.level_max = level;
    config.allow_weaker = true;
    Worker worker(config);
    std::string uses;
    for (int i = 0; i < 4; ++i) uses += uses_told(worker, job_of_check(kHonest, kCounts));
    CHECK(uses == "0012");
  }
}
