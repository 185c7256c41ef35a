#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/sandbox/jobs.h"
#include "tests/support/scratch.h"

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

namespace {

/// What `python3 solution.py < input > output` writes, and whether it ends well.
Written by_the_shell(const std::string& program, const std::string& input) {
  const tests::Scratch scratch;
  scratch.write("solution.py", program);
  scratch.write("input", input);
  const std::string command = "cd '" + scratch.path("") +
                              "' && env -i LC_ALL=C.UTF-8 /usr/bin/python3 solution.py < input "
                              "> output 2> /dev/null";
  Written out;
  out.outcome.end = system(command.c_str()) == 0 ? End::completed : End::raised;
  std::ifstream file(scratch.path("output"), std::ios::binary);
  out.output.assign(std::istreambuf_iterator<char>(file), {});
  return out;
}

struct Example {
  const char* program;
  std::string input;
};

}  // namespace

TEST_CASE("sandbox script: byte for byte what python3 writes that is started by the shell") {
  // The line ends of an input were translated, as nowhere on Linux: "a\r" came as "a".
  const std::string crlf = "a b\r\nc\r\n\r\nd\re", bytes("\xff\xfe\0\x80 \xc3\xa9\n", 8);
  const Example examples[] = {
      // Reading.
      {"print([input(), input()])", crlf},
      {"import sys\nprint([*sys.stdin])", crlf},
      {"import sys\nprint(sys.stdin.read().split('\\n'))", crlf},
      {"import sys\nprint([*map(str.strip, sys.stdin.readlines())])", crlf},
      {"print([*open(0)])", crlf},
      {"print(open(0, newline='').read().encode())", crlf},
      {"import sys\nprint(sys.stdin.buffer.read())", bytes},
      {"import sys\nprint(sys.stdin.buffer.readline())", crlf},
      {"import sys\nprint(ascii(sys.stdin.read()))", bytes},
      {"print(ascii(input()))", bytes},
      {"print(ascii(input()), input().encode())", "\xef\xbb\xbf 1\n\xef\xbb\xbf 2\n"},
      {"import sys\nprint(repr(sys.stdin.readline()), repr(sys.stdin.readline()))", "no end"},
      {"try: input()\nexcept EOFError as e: print(repr(e))", ""},
      {"input()", ""},
      {"import sys\nprint(repr(sys.stdin.read()), repr(sys.stdin.readline()), [*sys.stdin])", "x"},
      {"import os\nprint(os.read(0, 3), os.read(0, 10**6), os.read(0, 1))", "12345\n"},
      {"import io, os\nread = io.BytesIO(os.read(0, os.fstat(0).st_size)).readline\nprint(read())",
       "7\n"},
      {"import sys, io\nsys.stdin = io.TextIOWrapper(sys.stdin.buffer)\nprint(input())", "7\r\n"},
      {"n = int(input('how many? '))\nprint(n)", "7\n"},
      {"import sys\nsys.stdin.seek(0)\nprint(input(), sys.stdin.readable())", "12\n"},
      {"import fileinput\nprint([*fileinput.input()])", "1\n2\n"},
      {"exec(input())", "print(__name__)\n"},
      {"import sys\ns = sys.stdin\nprint(s.isatty(), s.fileno(), s.encoding, s.name, s.mode, "
       "s.errors, s.newlines, s.line_buffering)",
       ""},
      // Writing.
      {"import sys\nsys.stdout.write(sys.stdin.read())", bytes},
      {"import sys\nsys.stdout.write('\\udcff\\udc80\\r\\n\\r')", ""},
      {"print('\\ud800')", ""},
      {"print('\\N{SNOWMAN}', end='')", ""},
      {"import sys\nsys.stdout.buffer.write(b'\\xff\\x00no end')", ""},
      {"import sys\nprint(1, end='')\nsys.stdout.buffer.write(b'2')\nprint(3)", ""},
      {"import sys\nprint(1, flush=True)\nsys.stdout.buffer.write(b'2')\nprint(3)", ""},
      {"import os\nos.write(1, b'before')\nprint('after')\nos.write(1, b'then')", ""},
      {"import sys\nprint('to the other', file=sys.stderr)\nprint(1)", ""},
      {"import sys\ns = sys.stdout\nprint(s.isatty(), s.fileno(), s.encoding, s.name, s.mode, "
       "s.errors, s.line_buffering)",
       ""},
      {"import sys\nsys.stdout.close()", ""},
      {"import sys\nprint(1)\nsys.stdout.close()", ""},
      {"import sys\nprint(1)\nsys.stdin.close()\nprint(2)", "x"},
      {"import os, sys\nprint(1)\nos.close(1)", ""},
      {"import sys\nprint(1)\nsys.stdout = None\nprint(2)", ""},
      {"import sys, io\nold = sys.stdout\nsys.stdout = io.StringIO()\nprint('x')\n"
       "old.write(sys.stdout.getvalue())",
       ""},
      {"import sys\nsys.stdout = open(1, 'w', buffering=1 << 16)\nprint('another writer')", ""},
      {"import os, sys\nsys.stdout = os.fdopen(os.dup(1), 'w')\nprint('another descriptor')", ""},
      // Its end.
      {"import sys\nif __name__ == '__main__':\n    print(1)\n    sys.exit(0)", ""},
      {"import sys\nprint(1)\nsys.exit()", ""},
      {"def f(x):\n    'Adds one.'\n    return x + 1\nhelp(f)\nprint(f(1))\nexit(2)", ""},
      {"import sys\nprint(1)\nsys.exit(True)", ""},
      {"import sys\nprint(1)\nsys.exit(False)", ""},
      {"import sys\nprint(1)\nsys.exit(256)", ""},
      {"import sys\nprint(1)\nsys.exit(-1)", ""},
      {"import sys\nprint(1)\nsys.exit(1 << 80)", ""},
      {"print(1)\nraise SystemExit", ""},
      {"print(1)\nraise SystemExit(None)", ""},
      {"print(1)\nraise SystemExit('')", ""},
      {"print(1)\nraise SystemExit((0, 0))", ""},
      {"print(1)\nraise KeyboardInterrupt", ""},
      {"print(1)\n1 / 0", ""},
      {"import os\nos._exit(0)", ""},
      {"import sys\nsys.excepthook = lambda *a: print('hook')\nprint(1)\n1 / 0", ""},
      {"import threading\ndef f(): raise ValueError\nthreading.Thread(target=f).start()\nprint(1)",
       ""},
      {"import threading, sys\ndef f(): sys.exit(3)\nthreading.Thread(target=f).start()\nprint(1)",
       ""},
      {"import threading, time\ndef f(): time.sleep(.05); print(2)\n"
       "threading.Thread(target=f).start()\nprint(1)\n1 / 0",
       ""},
      {"import atexit\natexit.register(lambda: 1 / 0)\nprint(1)", ""},
      {"import atexit\natexit.register(print, 'registered')\nprint(1)\n1 / 0", ""},
      {"import atexit, sys\natexit.register(print, 'registered')\nprint(1)\nsys.exit(2)", ""},
      {"class A:\n    def __del__(self): print('gone')\na = A()", ""},
      {"class A:\n    def __del__(self): print('gone')\na = A()\na.a = a\ndel a", ""},
      // Depth.
      {"import sys\nsys.setrecursionlimit(10**6)\ndef f(n): return n and 1 + f(n - 1)\n"
       "print(f(20000))",
       ""},
      {"def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError: print('deep')", ""},
      {"import sys, threading\nsys.setrecursionlimit(10**7)\nthreading.stack_size(2**27)\n"
       "def main():\n    def f(n): return n and 1 + f(n - 1)\n    print(f(int(input())))\n"
       "threading.Thread(target=main).start()",
       "100000\n"},
      {"import sys\nprint(sys.getrecursionlimit())", ""},
      // What it is.
      {"import sys\nprint(__name__, __doc__, __package__, __spec__, sys.argv)", ""},
      {"'words'\nprint(__doc__)", ""},
      {"from __future__ import annotations\ndef f(x: nowhere): pass\nprint(f.__annotations__)", ""},
      {"import signal\nprint(signal.getsignal(signal.SIGINT) is signal.default_int_handler, "
       "signal.getsignal(signal.SIGPIPE).name)",
       ""},
      {"import warnings\nwarnings.warn('x')\nprint(1)", ""},
      {"import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))).__module__)", ""},
      {"from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nprint(P(1))", ""},
      {"import inspect\ndef f(): return 1\nprint(inspect.getsource(f))", ""},
  };
  for (const Example& example : examples) {
    CAPTURE(std::string(example.program));
    const Written right = by_the_shell(example.program, example.input);
    const Written ours = script(example.program, example.input);
    REQUIRE((ours.outcome.end == End::completed) == (right.outcome.end == End::completed));
    // What a script wrote that failed decides nothing.
    if (right.outcome.end == End::completed) CHECK(ours.output == right.output);
  }
}
