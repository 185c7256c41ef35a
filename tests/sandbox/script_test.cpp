#include <doctest/doctest.h>

#include <string>

#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

namespace {

struct Written {
  Outcome outcome;
  std::string output;
};

Written script(std::string program, std::string input = "", Limits limits = {}) {
  ScriptJob job;
  job.program = std::move(program);
  job.input = std::move(input);
  job.limits = limits;
  Written out;
  out.outcome = shared_worker().script(job, out.output);
  return out;
}

void check_completes(const char* program, const char* input, const std::string& output) {
  CAPTURE(program);
  const Written w = script(program, input);
  CHECK(w.outcome.end == End::completed);
  CHECK(w.outcome.message == "");
  CHECK(w.output == output);
}

}  // namespace

TEST_CASE("sandbox script: what is read and written is what the shell would see") {
  check_completes("print(sum(map(int, input().split())))", "1 2 3\n", "6\n");
  check_completes("import sys\nfor line in sys.stdin: sys.stdout.write(line[::-1])", "ab\ncd",
                  "\nbadc");
  check_completes("import os\nos.write(1, os.read(0, os.fstat(0).st_size))", "whole", "whole");
  check_completes("print(open(0).read(), end='')", "through a descriptor", "through a descriptor");
  check_completes("import sys\ndata = sys.stdin.buffer.read()\nsys.stdout.buffer.write(data[:1])",
                  "\xff!", "\xff");
  check_completes("print(input()); print(input())", "only the first\nand second\nnot this\n",
                  "only the first\nand second\n");
  check_completes("if __name__ == '__main__': print(__file__, __import__('sys').argv)", "",
                  "solution.py ['solution.py']\n");
  check_completes(
      "import sys\nprint(sorted(n for n in globals() if not n.startswith('__')))\nprint(sys.modules['__main__'].sys is sys)",
      "", "['sys']\nTrue\n");
  check_completes("", "unread", "");
}

TEST_CASE(
    "sandbox script: its end is the interpreter's: threads, what was registered, what is buffered") {
  check_completes("import atexit\natexit.register(lambda: print('last'))\nprint('first')", "",
                  "first\nlast\n");
  check_completes(
      "import threading, time\ndef late():\n    time.sleep(.05)\n    print('late')\nthreading.Thread(target=late).start()",
      "", "late\n");
  check_completes(
      "import threading, time\ndef never():\n    time.sleep(9)\n    print('never')\nthreading.Thread(target=never, daemon=True).start()",
      "", "");
  check_completes("import sys\nprint('all is well')\nsys.exit()", "", "all is well\n");
  check_completes("print('well'); exit(0)", "", "well\n");
  check_completes("import os\nprint('kept', flush=True)\nprint('lost')\nos._exit(0)", "", "kept\n");
  check_completes(
      "import io, sys, atexit, os\nsys.stdout = io.StringIO()\natexit.register(lambda: os.write(1, sys.stdout.getvalue().encode()))\nprint(3)",
      "", "3\n");
  check_completes(
      "import sys, threading\nsys.setrecursionlimit(1 << 20)\nthreading.stack_size(1 << 27)\n"
      "def f(n): return n and 1 + f(n - 1)\nt = threading.Thread(target=lambda: print(f(50000)))\nt.start()\nt.join()",
      "", "50000\n");
}

TEST_CASE("sandbox script: what went wrong is told") {
  const auto ends = [](const char* program, End end, const char* type, int line) {
    CAPTURE(program);
    const Written w = script(program, "x\n");
    CHECK(w.outcome.end == end);
    CHECK(w.outcome.exception_type == type);
    CHECK(w.outcome.line == line);
  };
  ends("print(1)\nint(input())", End::raised, "ValueError", 2);
  ends("input(); input()", End::raised, "EOFError", 1);
  ends("class E(Exception): pass\nraise E('x')", End::raised, "E", 2);
  ends("def f(:", End::syntax, "SyntaxError", 1);
  ends("import sys\nsys.exit(1)", End::exited, "SystemExit", 2);
  ends("import sys\nsys.exit('a word')", End::exited, "SystemExit", 2);
  ends("import os\nos._exit(3)", End::exited, "", 0);
  ends("import os\nos.abort()", End::crash, "", 0);
  ends("x = [0] * (1 << 40)", End::memory, "MemoryError", 1);
  ends("import os\nos.fork()", End::raised, "PermissionError", 2);
}

TEST_CASE("sandbox script: limits are for the whole process") {
  Limits limits;
  limits.test_cpu_s = 0.3, limits.wall_s_min = 0.5, limits.wall_factor = 1, limits.reply_mib = 1;
  CHECK(script("while True: pass", "", limits).outcome.end == End::timeout_cpu);
  CHECK(script("import time\ntime.sleep(9)", "", limits).outcome.end == End::timeout_wall);
  CHECK(script("import threading\nthreading.Event().wait()", "", limits).outcome.end ==
        End::timeout_wall);
  const Written flood = script("while True: print('x' * 9999)", "", limits);
  CHECK(flood.outcome.end == End::output);
  CHECK(flood.output.size() == 1 << 20);
  CHECK(script("print('x' * ((1 << 20) - 1))", "", limits).outcome.end == End::completed);
  CHECK(script("print('x' * (1 << 20))", "", limits).outcome.end == End::output);
  CHECK(script("import os\nos.write(1, b'x')\nos.ftruncate(1, 1 << 30)", "", limits).outcome.end ==
        End::raised);
}

TEST_CASE("sandbox script: an input of megabytes arrives, read or not") {
  std::string lines;
  for (int i = 0; i < 400000; ++i) lines += "1234567\n";
  CHECK(script("import sys\nprint(len(sys.stdin.read()))", lines).output == "3200000\n");
  CHECK(script("print(input())", lines).output == "1234567\n");
}

TEST_CASE("sandbox script: one program leaves nothing to the next") {
  CHECK(script("import sys, math\nmath.pi = 3\nsys.stdin.read()\nprint(1)", "some input")
            .outcome.end == End::completed);
  check_completes("import math\nprint(math.pi > 3.1, input())", "fresh\n", "True fresh\n");
}
