// Programs per second of assay's sandbox beside its rivals, in one run. One unit of work is one
// program judged: started, loaded, called, its answers compared, gone. First with one trivial
// program called three times, then with HumanEval's references (where $ASSAY_DATA has it): assay
// with suite base, the rivals with HumanEval's own tests of the same inputs. Last, what each layer
// of isolation adds to a program, measured in turns so that the machine's moods fall out.
//   build/release/sandbox_bench [programs per method] [workers] [words of the methods wanted, e.g. check]
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/process.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "harness/base/whole_file.h"
#include "sandbox/sandbox.h"

namespace process = boost::process;
using namespace assay;
using namespace assay::sandbox;
using Clock = std::chrono::steady_clock;
using Judge = std::function<bool()>;

/// One program and how it is judged: by assay with inputs, by the rivals with a test text.
struct Unit {
  std::string program, entry_point;
  std::string setup, checker;  ///< the benchmark's tests of `candidate`, as suite official has them
  std::string asserts() const { return "candidate = " + entry_point + "\n" + checker; }
  std::vector<std::string> inputs;
  std::vector<std::string> expected;  ///< encoded
};

static Unit trivial_unit() {
  Unit unit;
  unit.program = "def f(x):\n    return [x, x + 1]\n";
  unit.entry_point = "f";
  unit.checker =
      "assert candidate(1) == [1, 2]\nassert candidate(2) == [2, 3]\n"
      "assert candidate(3) == [3, 4]\n";
  for (int i = 1; i <= 3; ++i) {
    unit.inputs.push_back(encode(Value::sequence(Kind::tuple, {Value::of_int(i)})));
    unit.expected.push_back(
        encode(Value::sequence(Kind::list, {Value::of_int(i), Value::of_int(i + 1)})));
  }
  return unit;
}

struct Row {
  std::string name;
  double per_second, cpu_ms, median_ms;
};

/// CPU time of this process and of every process below it that has ended: bubblewrap leaves its
/// own children unwaited for, and main() had those handed to this process.
static double cpu_seconds() {
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  rusage self{}, children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(self.ru_utime) + of(self.ru_stime) + of(children.ru_utime) + of(children.ru_stime);
}

/// What a rival left running is a child of this process by now.
static void kill_left_over() {
  std::ifstream children(fmt::format("/proc/self/task/{}/children", getpid()));
  for (pid_t pid = 0; children >> pid;) kill(pid, SIGKILL);
}

/// `one(worker)` judges one program; false where the verdict is wrong.
static Row measure(std::string name, int programs, int workers,
                   const std::function<Judge(int)>& make) {
  std::vector<Judge> judges;
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
            fmt::print(stderr, "{}: a wrong verdict of program {}\n", name, i);
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

static std::shared_ptr<Worker> start_worker(int cpu, Level level) {
  Config config;
  config.cpu = cpu;
  config.level_max = level;
  config.allow_weaker = true;
  return std::make_shared<Worker>(config);
}

static Job job_of(const Unit& unit) {
  Job job;
  job.program = unit.program;
  job.entry_point = unit.entry_point;
  job.inputs = Inputs::make(unit.inputs);
  return job;
}

static Judge judge_run(const std::vector<Unit>& units, int cpu, Level level) {
  struct Prepared {
    Job job;
    const std::vector<std::string>* expected;
  };
  auto jobs = std::make_shared<std::vector<Prepared>>();
  for (const Unit& unit : units) jobs->push_back({job_of(unit), &unit.expected});
  return [worker = start_worker(cpu, level), jobs, next = std::size_t{0}]() mutable {
    const Prepared& now = (*jobs)[next++ % jobs->size()];
    std::size_t right = 0;
    const Outcome outcome = worker->run(now.job, [&](const Reply& reply) {
      right += !reply.raised && reply.value == (*now.expected)[reply.index];
      return Next::go_on;
    });
    return outcome.end == End::completed && right == now.expected->size();
  };
}

static Judge judge_check(const std::vector<Unit>& units, int cpu) {
  auto jobs = std::make_shared<std::vector<CheckJob>>();
  for (const Unit& unit : units) {
    CheckJob job;
    job.program = unit.program;
    job.checker_setup = unit.setup;
    job.checker = unit.checker;
    job.entry_point = unit.entry_point;
    jobs->push_back(job);
  }
  return [worker = start_worker(cpu, Level::full), jobs, next = std::size_t{0}]() mutable {
    return worker->check((*jobs)[next++ % jobs->size()]).end == End::completed;
  };
}

/// HumanEval's references, with the answers that they give; none where the dataset is not there.
static std::vector<Unit> humaneval_units() {
  std::vector<Unit> units;
  datasets::Dataset dataset;
  try {
    dataset = datasets::load("humaneval");
  } catch (const Error& error) {
    fmt::print(stderr, "without HumanEval: {}\n", error.what());
    return units;
  }
  const auto worker = start_worker(-1, Level::full);
  for (const datasets::Problem& problem : dataset.problems) {
    Unit unit;
    unit.program = problem.official_reference + "\n";
    unit.entry_point = problem.entry_point;
    unit.setup = checker(problem, "official")->setup;
    unit.checker = checker(problem, "official")->checker;
    unit.inputs = differential(problem, "base")->inputs;
    unit.expected.resize(unit.inputs.size());
    worker->run(job_of(unit), [&](const Reply& reply) {
      unit.expected[reply.index] = reply.value;
      return Next::go_on;
    });
    units.push_back(std::move(unit));
  }
  return units;
}

// ---- rivals

/// True where the command ended with status 0.
static bool ends_well(const std::vector<std::string>& command) {
  const std::vector<std::string> arguments(command.begin() + 1, command.end());
  process::child child(process::exe = command[0], process::args = arguments,
                       process::std_in<process::null, process::std_out> process::null,
                       process::std_err > process::null);
  const pid_t pid = child.id();
  child.detach();
  int status = 0;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static Judge judge_command(const std::vector<std::string>& command) {
  return [command] { return ends_well(command); };
}

static Judge judge_spawn(const std::vector<Unit>& units, const std::vector<std::string>& command) {
  return [&units, command, next = std::size_t{0}]() mutable {
    const Unit& unit = units[next++ % units.size()];
    std::vector<std::string> whole = command;
    whole.push_back(unit.program + unit.asserts());
    return ends_well(whole);
  };
}

/// A Python script that judges the units in the file `units` in turn: one line for each line.
static Judge judge_script(const std::string& script, const std::string& units, int cpu) {
  struct Server {
    process::opstream in;
    process::ipstream out;
    process::child child;
    ~Server() {
      in << "q\n" << std::flush;  // closing is not enough: the other worker's script holds a copy
      child.wait();
    }
  };
  auto server = std::make_shared<Server>();
  std::vector<std::string> arguments = {"-S", "-c", script, units, std::to_string(cpu)};
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
import os, sys, json, random, bisect, collections, copy, functools, heapq, itertools, math, operator, re, string, typing, gc
os.sched_setaffinity(0, {int(sys.argv[2])})
units = itertools.cycle(json.load(open(sys.argv[1])))
exec(compile("def f():\n    return 1\nassert f() == 1\n", "warm", "exec"), {})
gc.collect(); gc.freeze()
for line in iter(sys.stdin.readline, "q\n"):
    program, asserts = next(units)
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
import sys, json, itertools, multiprocessing, contextlib, io, signal
def unsafe(program, result):
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            signal.setitimer(signal.ITIMER_REAL, 3.0)
            exec(program, {})
        result.append("passed")
    except BaseException as e:
        result.append("failed")
units = itertools.cycle(json.load(open(sys.argv[1])))
for line in iter(sys.stdin.readline, "q\n"):
    program = "".join(next(units))
    manager = multiprocessing.Manager()
    result = manager.list()
    p = multiprocessing.Process(target=unsafe, args=(program, result))
    p.start()
    p.join(timeout=4)
    if p.is_alive(): p.kill()
    print(1 if list(result) == ["passed"] else 0, flush=True)
    manager.shutdown()
)";

/// All methods on the same units, or those with `wanted` in their names.
static void compare(const std::string& what, const std::vector<Unit>& units, int programs,
                    int workers, const std::string& wanted) {
  nlohmann::json texts = nlohmann::json::array();
  for (const Unit& unit : units) texts.push_back({unit.program, unit.asserts()});
  const std::string file = fmt::format("/tmp/assay-bench-{}.json", getpid());
  write_whole_file(file, texts.dump());
  const std::vector<std::string> cold = {"/usr/bin/python3", "-I", "-S", "-c"};
  std::vector<std::string> wrapped = {
      "/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr",      "/usr",   "--symlink",
      "usr/lib",        "/lib",          "--symlink", "usr/lib64", "/lib64", "--die-with-parent"};
  wrapped.insert(wrapped.end(), cold.begin(), cold.end());
  const auto row = [&](const char* name, int count, const std::function<Judge(int)>& make) {
    if (std::string_view(name).find(wanted) == std::string_view::npos) return;
    make(0);  // what is found out once per interpreter is known before the clock starts
    const Row r = with_cpu(count, [&](int n) { return measure(name, n, workers, make); });
    fmt::print("{:<58}{:>9.0f}{:>11.3f}{:>11.3f}\n", r.name, r.per_second, r.median_ms, r.cpu_ms);
    std::fflush(stdout);
  };
  const auto run_at = [&](const char* name, Level level) {
    row(name, programs, [&units, level](int w) { return judge_run(units, w % 2, level); });
  };
  fmt::print("\n{} workers; unit: {}\n", workers, what);
  fmt::print("{:<58}{:>9}{:>11}{:>11}\n", "method", "per s", "median ms", "CPU ms");
  row("bare fork of a warm interpreter, no isolation (the limit)", programs,
      [&](int w) { return judge_script(kBareFork, file, w % 2); });
  run_at("assay run(), level full", Level::full);
  run_at("assay run(), level no-namespace", Level::no_namespace);
  run_at("assay run(), level rlimits", Level::rlimits);
  run_at("assay run(), level none", Level::none);
  row("assay run(), level full, not pinned", programs,
      [&](int) { return judge_run(units, -1, Level::full); });
  row("assay check(), level full", programs, [&](int w) { return judge_check(units, w % 2); });
  const int few = std::max(programs / 10, 100);
  row("a bare cold interpreter, python3 -I -S -c pass", few, [&](int) {
    return judge_command({"/usr/bin/python3", "-I", "-S", "-c", "pass"});
  });
  row("a cold interpreter per program", few, [&](int) { return judge_spawn(units, cold); });
  row("bubblewrap and a cold interpreter per program", few,
      [&](int) { return judge_spawn(units, wrapped); });
  row("process per program, as human-eval", few,
      [&](int w) { return judge_script(kProcessPerSample, file, w % 2); });
  unlink(file.c_str());
  kill_left_over();
}

/// What each layer adds to one program, on one CPU: all levels take turns, a few programs each, and
/// the differences within a turn are averaged.
static void layers(const std::vector<Unit>& units, int programs) {
  constexpr int kTurn = 25;  // programs of one level in one turn
  struct Layer {
    const char* name;
    Level level;
  };
  constexpr std::array<Layer, 4> kLayers{{
      {"none: fork-server, batches, comparison outside", Level::none},
      {"rlimits: + limits of CPU, memory, processes, files", Level::rlimits},
      {"no-namespace: + seccomp filter, landlock", Level::no_namespace},
      {"full: + namespaces, own root, one judged process", Level::full},
  }};
  std::vector<Judge> judges;
  for (const Layer& layer : kLayers) judges.push_back(judge_run(units, 0, layer.level));
  const int turns = std::max(2, programs / kTurn);
  std::array<std::vector<double>, kLayers.size()> us;
  for (int turn = -1; turn < turns; ++turn)
    for (std::size_t l = 0; l < kLayers.size(); ++l) {
      const auto start = Clock::now();
      for (int i = 0; i < kTurn; ++i)
        if (!judges[l]()) std::exit(1);
      const double all = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
      if (turn >= 0) us[l].push_back(all / kTurn);  // the first turn only warms
    }
  fmt::print("\ncost of isolation, one worker, {} turns of {} programs: microseconds a program\n",
             turns, kTurn);
  fmt::print("{:<58}{:>9}{:>11}{:>11}\n", "level", "median", "added", "std. error");
  for (std::size_t l = 0; l < kLayers.size(); ++l) {
    std::vector<double> sorted = us[l];
    std::nth_element(sorted.begin(), sorted.begin() + turns / 2, sorted.end());
    fmt::print("{:<58}{:>9.0f}", kLayers[l].name, sorted[static_cast<std::size_t>(turns) / 2]);
    if (l == 0) {
      fmt::print("\n");
      continue;
    }
    std::vector<double> added(us[l]);
    for (std::size_t i = 0; i < added.size(); ++i) added[i] -= us[l - 1][i];
    // A turn that something else on the machine broke into says nothing: a tenth is cut each side.
    std::sort(added.begin(), added.end());
    const std::size_t cut = added.size() / 10;
    added = {added.begin() + static_cast<long>(cut), added.end() - static_cast<long>(cut)};
    double mean = 0, square = 0;
    for (const double v : added) mean += v / static_cast<double>(added.size());
    for (const double v : added) square += (v - mean) * (v - mean);
    const double n = static_cast<double>(added.size());
    fmt::print("{:>11.1f}{:>11.1f}\n", mean, std::sqrt(square / (n - 1) / n));
  }
}

int main(int argc, char** argv) {
  const int programs = argc > 1 ? std::atoi(argv[1]) : 2000;
  const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
  const std::string wanted = argc > 3 ? argv[3] : "";
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const std::vector<Unit> trivial{trivial_unit()};
  compare("one trivial program, three calls", trivial, programs, workers, wanted);
  if (const std::vector<Unit> units = humaneval_units(); !units.empty())
    compare("HumanEval's references in turn; assay: suite base, rivals: HumanEval's own tests",
            units, std::max(programs, 2 * workers * static_cast<int>(units.size())), workers,
            wanted);
  if (wanted.empty()) layers(trivial, 5 * programs);
}
