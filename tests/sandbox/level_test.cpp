#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/base/error.h"
#include "tests/sandbox/jobs.h"
#include "tests/sandbox/processes.h"

using namespace assay;
using namespace assay::sandbox;

// A dropped capability made every jail fall to no-namespace, and an inherited close-on-exec flag
// left landlock out there; nothing but the level told. So each wall is touched here.
TEST_CASE("sandbox level: what a level promises is there") {
  const Level granted = probe(Config{}).level;
  CHECK(shared_worker().level() == granted);
  for (const Level level : {Level::full, Level::no_namespace}) {
    if (granted < level) {
      MESSAGE("skipped: this machine does not grant level " << name_of(level));
      continue;
    }
    Config config;
    config.level_max = level;
    Worker worker(config);
    REQUIRE(worker.level() == level);
    const Ran ran = run(worker, R"(
import os, socket, ctypes
def tried(what, *arguments):
    try: what(*arguments); return 'done'
    except OSError as e: return type(e).__name__
def f(i):
    return [tried(open, '/etc/passwd'), tried(open, '/tmp/x', 'w'), tried(socket.socket),
            tried(os.fork), os.getpid() == 1, tried(os.kill, os.getppid() or 1, 0)]
)");
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == (level == Level::full
                                 ? "['FileNotFoundError', 'FileNotFoundError', 'PermissionError', "
                                   "'PermissionError', True, 'done']"
                                 : "['PermissionError', 'PermissionError', 'PermissionError', "
                                   "'PermissionError', False, 'PermissionError']"));
  }
}

TEST_CASE("sandbox level: an interpreter that is none is refused in one sentence") {
  Config config;
  config.python = "/bin/true";
  CHECK_THROWS_WITH_AS(Worker{config}, doctest::Contains("/bin/true"), Error);
  config.python = "/no/such/python";
  CHECK_THROWS_AS(Worker{config}, Error);
  config.python = "/usr/bin/python3";
  config.packages = {"no_such_package"};
  CHECK_THROWS_WITH_AS(Worker{config}, doctest::Contains("no_such_package"), Error);
}

TEST_CASE("sandbox level: a Python from elsewhere, and a package") {
  const char* others = std::getenv("ASSAY_TEST_PYTHONS");  // paths, colons between
  std::istringstream paths(others ? others : "");
  for (std::string python; std::getline(paths, python, ':');) {
    CAPTURE(python);
    Config config;
    config.python = python;
    Worker worker(config);
    const Ran ran = run(worker, "def f(i): return [i, 2**70, 'a', {1: (2.5, None)}]");
    REQUIRE_MESSAGE(ran.replies.size() == 1, ran.outcome.message);
    CHECK(ran.replies[0] == "[0, 1180591620717411303424, 'a', {1: (2.5, None)}]");
    CheckJob job;
    job.program = "def f(x): return x + 1";
    job.checker = "assert f(1) == 2";
    job.entry_point = "f";
    CHECK(worker.check(job).end == End::completed);
  }
}

// numpy's libblas.so.3 is a link two folders and /etc/alternatives away from the library: the jail
// did not show it, and this test once took the failure for a machine without numpy.
TEST_CASE("sandbox level: packages, in a warm interpreter of their own") {
  Config config;
  config.packages = {"numpy"};
  Worker worker(config);
  const Ran ran = run(worker, "import numpy\ndef f(i): return int(numpy.arange(5).sum())");
  REQUIRE_MESSAGE(ran.replies.size() == 1, ran.outcome.message);
  CHECK(ran.replies[0] == "10");
  CHECK(worker.interpreter().identity().find(", numpy 1") != std::string::npos);
  const std::string lean =
      "import sys\ndef f(i): return any(m.startswith('nump') for m in sys.modules)";
  CHECK(run(worker, lean).replies[0] == "False");
  CHECK(run(worker, lean + " # numpy").replies[0] == "True");
  CHECK(worker.restarts() == 0);
}

// A package of the standard library ended in "the jail ended while starting"; one that failed on
// import took the interpreter for broken.
TEST_CASE("sandbox level: packages that are none are named") {
  const auto said = [](const std::string& package) -> std::string {
    Config config;
    config.packages = {package};
    try {
      Worker worker(config);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  for (const char* package : {"json", "zlib", "sys", "os.path"}) {
    CHECK(said(package).find(std::string(package) + " belongs to the standard library") !=
          std::string::npos);
  }
  CHECK(said("no_such_package").find("no_such_package cannot be imported: ModuleNotFoundError") !=
        std::string::npos);
}

// ---- trouble from outside

/// Waits: on a busy machine a killed process takes seconds to end.
static bool gone(const std::vector<pid_t>& pids) {
  for (int i = 0; i < 3000; ++i) {
    if (std::none_of(pids.begin(), pids.end(), runs)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST_CASE(
    "sandbox level: kill -9 of launcher, interpreter or program leaves nothing, and work goes on") {
  for (const Level level : {Level::full, Level::no_namespace}) {
    if (probe(Config{}).level < level) continue;
    for (int depth = 0; depth < 3; ++depth) {
      CAPTURE(depth);
      Config config;
      config.level_max = level;
      std::vector<pid_t> before = children_of(getpid());
      Worker worker(config);
      std::vector<pid_t> chain;
      for (const pid_t pid : children_of(getpid())) {
        if (std::find(before.begin(), before.end(), pid) == before.end()) chain.push_back(pid);
      }
      REQUIRE(chain.size() == 1);
      std::jthread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        chain.push_back(children_of(chain[0]).at(0));
        chain.push_back(children_of(chain[1]).at(0));
        kill(chain[static_cast<std::size_t>(depth)], SIGKILL);
      });
      Job job = counting_job("def f(i):\n  while True: pass", 1);
      job.limits.test_cpu_s = 20;
      const Ran ran = run(worker, job);
      killer.join();
      CHECK(ran.outcome.end == End::missing);
      CHECK(ran.outcome.wall_s < 5);
      CHECK(run(worker, "def f(i): return i").outcome.end == End::completed);
      CHECK(gone(depth < 2 ? chain : std::vector<pid_t>{chain[2]}));
    }
  }
}
