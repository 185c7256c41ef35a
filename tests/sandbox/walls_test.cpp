// What a judged process holds, and what it cannot reach from there, at every level.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "harness/base/fd.h"
#include "sandbox/jail/probe.h"
#include "sandbox/jail/seccomp.h"
#include "tests/sandbox/jobs.h"
#include "tests/sandbox/processes.h"

using namespace assay;
using namespace assay::sandbox;

namespace {

/// Calls `test` with a worker of each level that this machine grants.
template <class Test>
void at_every_level(Test test) {
  static const Level granted = probe(Config{}).level;
  for (const Level level : {Level::full, Level::no_namespace, Level::rlimits}) {
    Config config;
    config.level_max = level;
    config.allow_weaker = level == Level::rlimits;
    if (granted < level) {
      MESSAGE("skipped: this machine does not grant level " << name_of(level));
      continue;
    }
    CAPTURE(std::string(name_of(level)));
    Worker worker(config);
    REQUIRE(worker.level() == level);
    test(worker);
  }
}

constexpr const char* kListDescriptors = R"(
import os, stat
def kind(fd):
    mode = os.fstat(fd).st_mode
    return ('null' if stat.S_ISCHR(mode) else 'pipe' if stat.S_ISFIFO(mode) else
            'socket' if stat.S_ISSOCK(mode) else 'FILE')
def f(i):
    found = []
    for fd in range(4096):
        try: found.append(kind(fd))
        except OSError: pass
    return found
)";

}  // namespace

// Descriptor 6, the extension's memory file, stayed open in the warm interpreter and so in every
// program below level full. See tests/base/memory_file_test.cpp for what could be done with it.
TEST_CASE("sandbox walls: a program has three descriptors of nothing and its own lines") {
  at_every_level([](Worker& worker) {
    const Ran ran = run(worker, kListDescriptors);
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == "['null', 'null', 'null', 'socket', 'pipe']");
    CheckJob job;
    job.program = kListDescriptors;
    job.entry_point = "f";
    job.checker = "assert f(0) == ['null', 'null', 'null', 'socket', 'pipe', 'socket'], f(0)";
    const Outcome outcome = worker.check(job);
    CHECK_MESSAGE(outcome.end == End::completed, outcome.message);
    job.checker =
        std::string(kListDescriptors).substr(0, std::string(kListDescriptors).find("def f")) +
        "found = []\nfor fd in range(4096):\n  try: found.append(kind(fd))\n"
        "  except OSError: pass\n"
        "assert found == ['null', 'null', 'null', 'socket', 'pipe', 'socket'], found";
    const Outcome of_checker = worker.check(job);
    CHECK_MESSAGE(of_checker.end == End::completed, of_checker.message);
  });
}

// The launcher kept whatever the supervisor had open without close-on-exec, such as the clients of
// `run --watch`, as long as the jail lived.
TEST_CASE("sandbox walls: launcher and warm interpreter hold their own lines and no memory file") {
  int line[2];
  REQUIRE(pipe(line) == 0);
  const Fd in(line[0]), out(line[1]);
  const std::string inherited_line = "pipe:[" + [&] {
    std::error_code error;
    const std::string target =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(in.get()), error);
    return target.substr(6);
  }();
  const std::vector<pid_t> before = children_of(getpid());
  at_every_level([&](Worker& worker) {
    run(worker, "def f(i): return i");
    for (const pid_t launcher : children_of(getpid())) {
      if (std::find(before.begin(), before.end(), launcher) != before.end()) continue;
      std::vector<std::string> held = descriptors_of(launcher);
      for (const pid_t zygote : children_of(launcher)) {
        const std::vector<std::string> more = descriptors_of(zygote);
        CHECK(more.size() <= 4);  // standard streams, the line to the supervisor
        held.insert(held.end(), more.begin(), more.end());
      }
      if (held.empty()) MESSAGE("skipped: /proc does not show their descriptors");
      for (const std::string& target : held) {
        CAPTURE(target);
        CHECK(target.find("memfd:") == std::string::npos);
        CHECK(target != inherited_line);
      }
    }
  });
}

// Flags belong to the open file, which all programs of a jail share with the interpreter: one of
// them could leave a mark for the next.
// O_NONBLOCK, which event loops set on sockets, can be set; it is gone before the next program.
TEST_CASE("sandbox walls: no flag of standard input and output is left to the next program") {
  at_every_level([](Worker& worker) {
    const std::string flags = "[fcntl.fcntl(fd, fcntl.F_GETFL) & 0o6000 for fd in range(3)]";
    const Ran ran = run(worker, R"(
import fcntl, os
def tried(what, *arguments):
    try: what(*arguments)
    except OSError: pass
def f(i):
    for fd in range(3):
        tried(fcntl.fcntl, fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
        tried(os.set_blocking, fd, False)
    return )" + flags);
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == "[2048, 2048, 2048]");  // O_NONBLOCK, and not O_APPEND
    CHECK(run(worker, "import fcntl\ndef f(i): return " + flags).replies[0] == "[0, 0, 0]");
  });
}

// A limit of zero written bytes stops neither the emptying of a file (O_TRUNC), nor the making of
// an empty one, nor a shared mapping: at level rlimits a program could ruin any file of its user's,
// and before Linux 6.2 landlock did not keep it from emptying those it may read.
TEST_CASE("sandbox walls: no file of the user's is made, emptied or written to") {
  char folder[] = "/tmp/assay-walls-XXXXXX";
  REQUIRE(mkdtemp(folder));
  const std::string path = std::string(folder) + "/file", made = std::string(folder) + "/made";
  std::ofstream(path) << "what it holds";
  at_every_level([&](Worker& worker) {
    const Ran ran = run(worker, R"(
import mmap, os
def tried(*arguments):
    try: fd = os.open(*arguments)
    except OSError: return
    for flags in (mmap.MAP_SHARED, ):
        try: mmap.mmap(fd, 4, flags, mmap.PROT_READ | mmap.PROT_WRITE)[:4] = b'RUIN'
        except (OSError, ValueError): pass
def f(i):
    tried(')" + path + R"(', os.O_RDWR)
    tried(')" + path + R"(', os.O_RDONLY | os.O_TRUNC)
    tried(')" + path + R"(', os.O_WRONLY | os.O_TRUNC)
    tried(')" + made + R"(', os.O_RDONLY | os.O_CREAT)
    tried(')" + made + R"(', os.O_WRONLY | os.O_CREAT)
    return 'tried'
)");
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == "'tried'");
    std::stringstream held;
    held << std::ifstream(path).rdbuf();
    CHECK(held.str() == "what it holds");
    CHECK_FALSE(std::filesystem::exists(made));
  });
  std::filesystem::remove_all(folder);
}

// Set from outside by the process's number, the limit came a millisecond late, and could meet
// another process that had got that number meanwhile.
TEST_CASE("sandbox walls: a program is born with its limit of CPU time, and keeps it") {
  at_every_level([](Worker& worker) {
    Job job = counting_job(R"(
import resource
from resource import RLIMIT_CPU, getrlimit, setrlimit
before = getrlimit(RLIMIT_CPU)
def f(i):
    for limits in ((1, 1), (0, 0), (before[0], before[1] - 1)):
        try: setrlimit(RLIMIT_CPU, limits)
        except (OSError, ValueError): pass
    return [before, getrlimit(RLIMIT_CPU)]
)",
                           1);
    job.limits.load_cpu_s = 3;
    job.limits.suite_cpu_s = 7;
    const Ran ran = run(worker, job);
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == "[(22, 22), (22, 22)]");
  });
}

// Every thread of a program could pile up a megabyte of filters, which no limit counts.
TEST_CASE("sandbox walls: a program installs no filter") {
  at_every_level([](Worker& worker) {
    const Ran ran = run(worker, R"(
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
def f(i):
    allow = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, 0x7fff0000), 8)
    program = struct.pack('<HxxxxxxQ', 1, ctypes.addressof(allow))
    return [libc.prctl(22, 2, program, 0, 0), ctypes.get_errno()]
)");
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == "[-1, 1]");
  });
}

TEST_CASE("sandbox walls: the compiled filter is sealed") {
  const Fd filter = compile_filter(Level::full, false);
  CHECK(mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, filter.get(), 0) == MAP_FAILED);
}

// `doctor --python X` looked at a jail with /usr/bin/python3 and told its level for X's.
TEST_CASE("sandbox walls: what the machine grants is asked for the interpreter in question") {
  Config config;
  config.python = "/bin/true";
  const Probe found = probe(config);
  CHECK(found.level <= Level::rlimits);
  CHECK(found.layers.back().detail.find("/bin/true") != std::string::npos);
}

// ---- references

namespace {

/// The number of the warm interpreter that `job` ran in.
std::string interpreter_of(Worker& worker, bool trusted, const std::string& more = "") {
  Job job = counting_job("import os\ndef f(i): return os.getppid()" + more, 1);
  job.trusted = trusted;
  const Ran ran = run(worker, job);
  REQUIRE(ran.replies.size() == 1);
  return ran.replies[0];
}

}  // namespace

// A program that had patched the warm interpreter made the next reference's answers too: the false
// ones were stored as expected, and honest programs failed by them ever after.
TEST_CASE("sandbox walls: references run in interpreters that no sample has run in") {
  Config config;
  config.level_max = Level::no_namespace;  // where a program sees its parent's number
  if (probe(config).level < Level::no_namespace) return;
  config.packages = {"numpy"};
  Worker worker(config);
  for (const std::string more : {"", "  # numpy"}) {
    const std::string samples = interpreter_of(worker, false, more);
    const std::string references = interpreter_of(worker, true, more);
    CHECK(samples != references);
    CHECK(interpreter_of(worker, false, more) == samples);
    CHECK(interpreter_of(worker, true, more) == references);
    CheckJob job;
    job.program = "import os\ndef f(i): return os.getppid()" + more;
    job.entry_point = "f";
    job.trusted = true;
    job.checker = "assert f(0) == " + references;
    CHECK(worker.check(job).end == End::completed);
    job.trusted = false;
    job.checker = "assert f(0) == " + samples;
    CHECK(worker.check(job).end == End::completed);
  }
  CHECK(worker.restarts() == 0);
}
