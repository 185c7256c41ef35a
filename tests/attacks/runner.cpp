// Runs every hostile program of this folder and compares the verdict with its first line,
//   # expect: VERDICT[, VERDICT...]
// once through run() (answers compared outside) and once through check() (the checker in a jail of
// its own); after each, an honest program must still pass. {{9 x 500}} in a text stands for 500
// nines.
//   attacks FOLDER [--level full|no-namespace|rlimits] [--concurrency N] [--nobody] [--container]
//           [--only NAME] [--verbose]
// Exit 0: all as expected, no process and no descriptor left, no jail restarted.
#include <dirent.h>
#include <fmt/format.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/value.h"
#include "sandbox/sandbox.h"

using namespace assay;
using namespace assay::sandbox;
namespace fs = std::filesystem;

namespace {

struct Attack {
  std::string name, program;
  std::set<std::string> expected;
};

struct Options {
  std::string folder, only;
  Config config;
  int concurrency = 1;
  bool nobody = false, container = false, verbose = false;
};

const char kHonest[] = "def add(a, b):\n    return a + b\n";
const int kCalls[][2] = {{1, 2}, {-5, 3}, {100, 1000}, {7, 0}, {123456, 654321}};

// ---- reading

std::string expanded(std::string text) {
  for (std::size_t at; (at = text.find("{{")) != std::string::npos;) {
    const std::size_t end = text.find("}}", at);
    const std::string inner = text.substr(at + 2, end - at - 2);
    const std::size_t count = std::stoul(inner.substr(inner.rfind(' ') + 1));
    text.replace(at, end + 2 - at, std::string(count, inner[0]));
  }
  return text;
}

Attack read_attack(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  Attack attack;
  attack.name = path.stem();
  const std::string mark = "# expect: ";
  const std::size_t line = text.find('\n');
  if (text.compare(0, mark.size(), mark) != 0) throw Error(path.string() + ": no '# expect:' line");
  std::istringstream words(text.substr(mark.size(), line - mark.size()));
  for (std::string word; std::getline(words, word, ',');) {
    word.erase(0, word.find_first_not_of(' '));
    attack.expected.insert(word);
  }
  // Ours, not its own: the sample never sees what is expected of it.
  attack.program = expanded(text.substr(line + 1));
  return attack;
}

std::vector<Attack> read_attacks(const Options& options) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(options.folder)) {
    const bool wanted = options.only.empty() || entry.path().stem() == options.only;
    if (entry.path().extension() == ".py" && wanted) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Attack> attacks;
  for (const fs::path& path : paths) attacks.push_back(read_attack(path));
  return attacks;
}

// ---- judging

std::string word_of(const Outcome& outcome, bool all_equal) {
  switch (outcome.end) {
    case End::completed:
      return all_equal ? "pass" : "fail";
    case End::stopped:
    case End::assertion:
      return "fail";
    case End::raised:
    case End::exited:
      return "error";
    case End::timeout_cpu:
    case End::timeout_wall:
      return "timeout";
    case End::memory:
      return "memory";
    case End::output:
      return "output";
    case End::crash:
      return "crash";
    case End::syntax:
      return "syntax";
    case End::no_entry_point:
      return "no_entry_point";
    case End::tampered:
      return "tampered";
    case End::missing:
      return "missing: " + outcome.message;
  }
  return "?";
}

Limits limits() {
  Limits limits;
  limits.load_cpu_s = 1;
  limits.test_cpu_s = 0.4;
  limits.suite_cpu_s = 3;
  limits.wall_s_min = 1.5;
  limits.wall_factor = 1;
  limits.memory_mib = 256;
  limits.reply_mib = 4;
  return limits;
}

std::string by_run(Worker& worker, const std::string& program) {
  Job job;
  job.program = program;
  job.entry_point = "add";
  job.limits = limits();
  std::vector<std::string> inputs;
  for (const auto& call : kCalls) {
    inputs.push_back(
        encode(Value::sequence(Kind::tuple, {Value::of_int(call[0]), Value::of_int(call[1])})));
  }
  job.inputs = Inputs::make(inputs);
  std::string first_wrong;
  std::size_t equal = 0;
  const Outcome outcome = worker.run(job, [&](const Reply& reply) {
    Value value;
    const auto& call = kCalls[reply.index];
    if (reply.raised) {
      if (first_wrong.empty()) first_wrong = "error";
    } else if (!decode_whole(reply.value, value)) {
      if (first_wrong.empty()) first_wrong = "tampered";
    } else if (value.kind == Kind::integer && value.integer == call[0] + call[1]) {
      ++equal;
    } else if (first_wrong.empty()) {
      first_wrong = "fail";
    }
    return Next::go_on;
  });
  if (!first_wrong.empty() && outcome.end == End::completed) return first_wrong;
  return word_of(outcome, equal == std::size(kCalls));
}

std::string by_check(Worker& worker, const std::string& program) {
  CheckJob job;
  job.program = program;
  job.entry_point = "add";
  job.limits = limits();
  for (const auto& call : kCalls) {
    job.checker +=
        fmt::format("assert candidate({}, {}) == {}\n", call[0], call[1], call[0] + call[1]);
  }
  return word_of(worker.check(job), true);
}

struct Tally {
  std::mutex mutex;
  int judged = 0, unexpected = 0, forged = 0, dishonest = 0;
};

void judge(Worker& worker, const Attack& attack, const Options& options, Tally& tally) {
  for (const bool checker : {false, true}) {
    const auto began = std::chrono::steady_clock::now();
    const std::size_t jails = worker.jails_started();
    const std::string verdict =
        checker ? by_check(worker, attack.program) : by_run(worker, attack.program);
    const double s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const std::string honest = checker ? by_check(worker, kHonest) : by_run(worker, kHonest);
    const std::lock_guard lock(tally.mutex);
    // The very first check starts the checkers' jail: that one is due.
    if (worker.jails_started() > std::max<std::size_t>(jails, 2)) {
      fmt::print("RESTART  {:<44}{:<6}\n", attack.name, checker ? "check" : "run");
    }
    const bool expected = attack.expected.count(verdict) > 0;
    ++tally.judged;
    tally.unexpected += !expected;
    tally.forged += verdict == "pass" && !expected;
    tally.dishonest += honest != "pass";
    if (!expected || honest != "pass" || options.verbose) {
      fmt::print("{:<9}{:<44}{:<6}{:<14}{:.2f} s{}\n", expected ? "" : "WRONG", attack.name,
                 checker ? "check" : "run", verdict, s,
                 honest == "pass" ? "" : "  THEN AN HONEST PROGRAM: " + honest);
      std::fflush(stdout);
    }
  }
}

// ---- the setting

/// What an ordinary container withholds: the capabilities, and by its default seccomp profile
/// namespaces and mounts (moby profiles/seccomp/default.json, without CAP_SYS_ADMIN).
void enter_container() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  const unsigned long spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                               CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  for (unsigned long bit = 1; bit <= spaces; bit <<= 1) {
    if (spaces & bit) {
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                       SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
    }
  }
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  for (const char* name : {"unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr",
                           "open_tree", "move_mount", "fsopen", "fsmount", "bpf", "perf_event_open",
                           "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup"}) {
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(name), 0);
  }
  if (seccomp_load(filter)) throw Error("cannot set up the container-like setting");
  seccomp_release(filter);
}

void enter_setting(const Options& options) {
  if (options.container) enter_container();
  if (!options.nobody) return;
  if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) {
    throw Error("cannot become nobody: run as root");
  }
  prctl(PR_SET_DUMPABLE, 1);
}

int count_descriptors() {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (folder && readdir(folder)) ++count;
  if (folder) closedir(folder);
  return count;
}

bool nothing_left(int descriptors_before) {
  const int descriptors = count_descriptors();
  const bool children = waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD;
  if (descriptors != descriptors_before) {
    fmt::print("WRONG    {} descriptors before, {} after\n", descriptors_before, descriptors);
  }
  if (children) fmt::print("WRONG    a process is left\n");
  return descriptors == descriptors_before && !children;
}

Options parse(int argc, char** argv) {
  Options options;
  options.folder = argc > 1 ? argv[1] : "tests/attacks";
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--concurrency") options.concurrency = std::atoi(argv[++i]);
    if (word == "--only") options.only = argv[++i];
    if (word == "--nobody") options.nobody = true;
    if (word == "--container") options.container = true;
    if (word == "--verbose") options.verbose = true;
    if (word == "--python") options.config.python = argv[++i];
    if (word == "--level") {
      ++i;
      options.config.level_max = value == "full"           ? Level::full
                                 : value == "no-namespace" ? Level::no_namespace
                                                           : Level::rlimits;
      options.config.allow_weaker = options.config.level_max == Level::rlimits;
    }
  }
  return options;
}

int run_all(const Options& options) {
  const std::vector<Attack> attacks = read_attacks(options);
  // Orphans come to us, so that none is overlooked at the end.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  enter_setting(options);
  const int descriptors = count_descriptors();
  const auto began = std::chrono::steady_clock::now();
  Tally tally;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> jails{0};
  std::string level;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < options.concurrency; ++t) {
      threads.emplace_back([&] {
        Worker worker(options.config);
        {
          const std::lock_guard lock(tally.mutex);
          level = name_of(worker.level());
        }
        for (std::size_t i; (i = next++) < attacks.size();) {
          judge(worker, attacks[i], options, tally);
        }
        jails += worker.jails_started();
      });
    }
  }
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const bool clean = nothing_left(descriptors);
  // Two jails a worker: the programs', and the checkers' once there was a check.
  const long restarts = static_cast<long>(jails) - 2 * options.concurrency;
  fmt::print(
      "{} attacks, {} verdicts, level {}, concurrency {}{}{}: {} unexpected, {} forged passes, {} "
      "honest programs harmed, {} restarts, {:.1f} s\n",
      attacks.size(), tally.judged, level, options.concurrency, options.nobody ? ", as nobody" : "",
      options.container ? ", container-like" : "", tally.unexpected, tally.forged, tally.dishonest,
      std::max(restarts, 0L), s);
  return clean && tally.unexpected == 0 && tally.dishonest == 0 && restarts <= 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_all(parse(argc, argv));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
