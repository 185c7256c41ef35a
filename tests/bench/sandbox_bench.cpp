// Programs per second of assay's sandbox beside its rivals, in one run. One unit of work is one
// program judged: started, loaded, called three times, its answers compared, gone.
//   build/release/sandbox_bench [programs per method] [workers]
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/process.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "harness/base/value.h"
#include "sandbox/sandbox.h"

namespace process = boost::process;
using namespace assay;
using namespace assay::sandbox;
using Clock = std::chrono::steady_clock;

static const char kProgram[] = "def f(x):\n    return [x, x + 1]\n";
static const char kAsserts[] =
    "assert f(1) == [1, 2]\nassert f(2) == [2, 3]\nassert f(3) == [3, 4]\n";

struct Row {
  std::string name;
  double per_second, cpu_ms, median_ms;
};

static double cpu_seconds() {
  rusage self{}, children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(self.ru_utime) + of(self.ru_stime) + of(children.ru_utime) + of(children.ru_stime);
}

/// `one(worker)` judges one program; false where the verdict is wrong.
static Row measure(std::string name, int programs, int workers,
                   const std::function<std::function<bool()>(int)>& make) {
  std::vector<std::function<bool()>> judges;
  for (int w = 0; w < workers; ++w) judges.push_back(make(w));
  for (auto& judge : judges) judge();
  std::vector<std::vector<double>> times(static_cast<std::size_t>(workers));
  const auto began = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int w = 0; w < workers; ++w) {
      threads.emplace_back([&, w] {
        for (int i = 0; i < programs / workers; ++i) {
          const auto start = Clock::now();
          if (!judges[static_cast<std::size_t>(w)]()) {
            fmt::print(stderr, "{}: a wrong verdict\n", name);
            std::exit(1);
          }
          times[static_cast<std::size_t>(w)].push_back(
              std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        }
      });
    }
  }
  const double wall = std::chrono::duration<double>(Clock::now() - began).count();
  std::vector<double> all;
  for (const auto& part : times) all.insert(all.end(), part.begin(), part.end());
  std::nth_element(all.begin(), all.begin() + static_cast<long>(all.size() / 2), all.end());
  judges.clear();  // a worker's processes are counted when it has gone
  return {std::move(name), static_cast<double>(all.size()) / wall, 0, all[all.size() / 2]};
}

/// CPU time of one more program: what starting the workers takes is in both runs, and falls out.
static Row with_cpu(int programs, const std::function<Row(int)>& run) {
  const double start = cpu_seconds();
  run(programs / 10);
  const double middle = cpu_seconds();
  Row row = run(programs);
  const double few = middle - start, many = cpu_seconds() - middle;
  row.cpu_ms = (many - few) * 1e3 / (programs - programs / 10);
  return row;
}

// ---- assay

static std::function<bool()> judge_run(int cpu, Level level) {
  Config config;
  config.cpu = cpu;
  config.level_max = level;
  config.allow_weaker = true;
  auto worker = std::make_shared<Worker>(config);
  auto job = std::make_shared<Job>();
  job->program = kProgram;
  job->entry_point = "f";
  std::vector<std::string> inputs, expected;
  for (int i = 1; i <= 3; ++i) {
    inputs.push_back(encode(Value::sequence(Kind::tuple, {Value::of_int(i)})));
    expected.push_back(
        encode(Value::sequence(Kind::list, {Value::of_int(i), Value::of_int(i + 1)})));
  }
  job->inputs = Inputs::make(inputs);
  return [worker, job, expected] {
    std::size_t right = 0;
    const Outcome outcome = worker->run(*job, [&](const Reply& reply) {
      right += !reply.raised && reply.value == expected[reply.index];
      return Next::go_on;
    });
    return outcome.end == End::completed && right == expected.size();
  };
}

static std::function<bool()> judge_check(int cpu) {
  Config config;
  config.cpu = cpu;
  auto worker = std::make_shared<Worker>(config);
  CheckJob job;
  job.program = kProgram;
  job.checker = kAsserts;
  job.entry_point = "f";
  return [worker, job] { return worker->check(job).end == End::completed; };
}

// ---- rivals

static bool spawn_ok(const std::vector<std::string>& command) {
  process::child child(process::exe = command[0],
                       process::args = std::vector<std::string>(command.begin() + 1, command.end()),
                       process::std_in<process::null, process::std_out> process::null,
                       process::std_err > process::null);
  const pid_t pid = child.id();
  child.detach();
  int status = 0;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A Python script that judges programs itself: told "go\n", it answers one byte per program.
static std::function<bool()> judge_script(const std::string& script, int cpu) {
  struct Server {
    process::opstream in;
    process::ipstream out;
    process::child child;
    ~Server() {
      child.terminate();  // its input may be held open by the other worker's interpreter
      child.wait();
    }
  };
  auto server = std::make_shared<Server>();
  std::vector<std::string> arguments = {"-S",     "-c",     script,
                                        kProgram, kAsserts, std::to_string(cpu)};
  server->child = process::child(process::exe = "/usr/bin/python3", process::args = arguments,
                                 process::std_in<server->in, process::std_out> server->out);
  return [server] {
    server->in << "g\n" << std::flush;
    std::string answer;
    return std::getline(server->out, answer) && answer == "1";
  };
}

/// The limit: the same warm interpreter forks, executes, exits; no isolation whatever.
static const char kBareFork[] = R"(
import os, sys, random, bisect, collections, copy, functools, heapq, itertools, math, operator, re, string, typing, gc
os.sched_setaffinity(0, {int(sys.argv[3])})
program, asserts = sys.argv[1], sys.argv[2]
exec(compile(program + asserts, "warm", "exec"), {})
gc.collect(); gc.freeze()
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        try:
            names = {}
            exec(compile(program, "solution", "exec"), names)
            exec(compile(asserts, "check", "exec"), names)
            os._exit(0)
        except BaseException:
            os._exit(1)
    ok = os.waitpid(pid, 0)[1] == 0
    os.write(1, b"1\n" if ok else b"0\n")
)";

/// As human-eval does it: a Manager and a Process for every program, the verdict in a shared list.
static const char kProcessPerSample[] = R"(
import sys, multiprocessing, contextlib, io, signal
def unsafe(program, result):
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            signal.setitimer(signal.ITIMER_REAL, 3.0)
            exec(program, {})
        result.append("passed")
    except BaseException as e:
        result.append("failed")
program = sys.argv[1] + sys.argv[2]
for line in sys.stdin:
    manager = multiprocessing.Manager()
    result = manager.list()
    p = multiprocessing.Process(target=unsafe, args=(program, result))
    p.start()
    p.join(timeout=4)
    if p.is_alive(): p.kill()
    print(1 if list(result) == ["passed"] else 0, flush=True)
    manager.shutdown()
)";

int main(int argc, char** argv) {
  const int programs = argc > 1 ? std::atoi(argv[1]) : 2000;
  const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
  const std::string text = std::string(kProgram) + kAsserts;
  const std::vector<std::string> cold = {"/usr/bin/python3", "-I", "-S", "-c", text};
  std::vector<std::string> wrapped = {
      "/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr",      "/usr",   "--symlink",
      "usr/lib",        "/lib",          "--symlink", "usr/lib64", "/lib64", "--die-with-parent"};
  wrapped.insert(wrapped.end(), cold.begin(), cold.end());
  const auto row = [&](const char* name, int count,
                       const std::function<std::function<bool()>(int)>& make) {
    make(0);  // what is found out once per interpreter is known before the clock starts
    const Row r = with_cpu(count, [&](int n) { return measure(name, n, workers, make); });
    fmt::print("{:<58}{:>9.0f}{:>11.3f}{:>11.3f}\n", r.name, r.per_second, r.median_ms, r.cpu_ms);
    std::fflush(stdout);
  };
  fmt::print("{} workers; unit: one trivial program, three calls\n", workers);
  fmt::print("{:<58}{:>9}{:>11}{:>11}\n", "method", "per s", "median ms", "CPU ms");
  row("bare fork of a warm interpreter, no isolation (the limit)", programs,
      [](int w) { return judge_script(kBareFork, w % 2); });
  row("assay run(), level full", programs, [](int w) { return judge_run(w % 2, Level::full); });
  row("assay run(), level no-namespace", programs,
      [](int w) { return judge_run(w % 2, Level::no_namespace); });
  row("assay run(), level rlimits", programs,
      [](int w) { return judge_run(w % 2, Level::rlimits); });
  row("assay run(), level none", programs, [](int w) { return judge_run(w % 2, Level::none); });
  row("assay run(), level full, not pinned", programs,
      [](int) { return judge_run(-1, Level::full); });
  row("assay check(), level full", programs, [](int w) { return judge_check(w % 2); });
  row("a cold interpreter per program", programs / 10,
      [&](int) { return [&] { return spawn_ok(cold); }; });
  row("bubblewrap and a cold interpreter per program", programs / 10,
      [&](int) { return [&] { return spawn_ok(wrapped); }; });
  row("process per program, as human-eval", programs / 10,
      [](int w) { return judge_script(kProcessPerSample, w % 2); });
}
