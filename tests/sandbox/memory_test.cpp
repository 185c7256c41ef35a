// How much memory a program can hold, and what its death by memory is called.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "sandbox/jail/cgroup.h"
#include "sandbox/supervise/worker_state.h"
#include "tests/sandbox/jobs.h"
#include "tests/sandbox/processes.h"
#include "tests/support/source_dir.h"

using namespace assay;
using namespace assay::sandbox;

namespace {

constexpr const char* kMap = R"(
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
FAILED = 2**64 - 1
)";

/// At both levels that judge by default, with a control group and without.
template <class Test>
void in_every_setting(Test test) {
  static const Level granted = probe(Config{}).level;
  for (const Level level : {Level::full, Level::no_namespace}) {
    for (const bool control_group : {true, false}) {
      if (granted < level) continue;
      Config config;
      config.level_max = level;
      config.control_group = control_group;
      CAPTURE(std::string(name_of(level)));
      CAPTURE(control_group);
      Worker worker(config);
      test(worker);
    }
  }
}

}  // namespace

// An object of shared anonymous memory keeps all its pages as long as one page of it is mapped; the
// limit on address space counts that page. Programs held gigabytes under any budget, and where a
// control group ended them they were called `missing`, which left the rates of a wrong program.
TEST_CASE("sandbox memory: nothing can be mapped shared") {
  in_every_setting([](Worker& worker) {
    const Ran ran = run(worker, std::string(kMap) + R"(
def f(i):
    PRIVATE, SHARED, SHARED_VALIDATE, DROPPABLE, ANONYMOUS, HUGE = 2, 1, 3, 8, 0x20, 0x40000
    flags = (PRIVATE, SHARED, SHARED_VALIDATE, DROPPABLE, PRIVATE | HUGE, SHARED | HUGE)
    return [libc.mmap(None, 4096, 3, one | ANONYMOUS, -1, 0) != FAILED for one in flags]
)");
    REQUIRE(ran.replies.size() == 1);
    CHECK(ran.replies[0] == "[True, False, False, False, False, False]");
  });
}

// One page in every GiB takes two more in page tables, which no limit of the kernel's counts: three
// times the budget, and without a control group nobody saw it.
TEST_CASE("sandbox memory: page tables count against the budget") {
  in_every_setting([](Worker& worker) {
    Job job = counting_job(std::string(kMap) + R"(
def f(i):
    at, made = 1 << 44, 0
    while made < 65000:
        page = libc.mmap(at, 4096, 3, 0x100022, -1, 0)  # MAP_FIXED_NOREPLACE
        if page == FAILED: break
        ctypes.memset(page, 1, 1)
        at += 1 << 30
        made += 1
        if at >> 46: at = (at & 0x3fffffff) + (1 << 44) + (1 << 21)
    import time
    time.sleep(1)
    return made
)",
                           1);
    job.limits.memory_mib = 64;
    job.limits.test_cpu_s = 5;
    const Ran ran = run(worker, job);
    CHECK_MESSAGE(ran.outcome.end == End::memory, ran.outcome.message);
    CHECK(ran.outcome.memory_kib_peak < 400 << 10);
    CHECK(run(worker, "def f(i): return i").outcome.end == End::completed);
  });
}

// Only at level full is the number of threads bounded; below, threads that share a page as their
// stack took an eighth of the machine's memory in what the kernel keeps for them.
TEST_CASE("sandbox memory: threads count against the budget where their number is not bounded") {
  Config config;
  config.level_max = Level::no_namespace;
  config.control_group = false;
  if (probe(config).level < Level::no_namespace) return;
  Worker worker(config);
  std::ifstream file(source_dir() + "/tests/attacks/memory_threads_without_stacks.py");
  Job job = counting_job(
      std::string(std::istreambuf_iterator<char>(file), {}) + "\ndef f(i): return add(i, i)", 3);
  job.limits.memory_mib = 64;
  const Ran ran = run(worker, job);
  CHECK_MESSAGE(ran.outcome.end == End::memory, ran.outcome.message);
  CHECK(ran.outcome.message == kOverMemory);
  CHECK(run(worker, "def f(i): return i").outcome.end == End::completed);
}

TEST_CASE("sandbox memory: a program that takes all its budget is within it") {
  in_every_setting([](Worker& worker) {
    Job job = counting_job(
        "def f(i):\n    x = bytearray(b'x') * (100 << 20)\n"
        "    import time\n    time.sleep(0.3)\n    return len(x)",
        2);
    job.limits.memory_mib = 128;
    const Ran ran = run(worker, job);
    CHECK_MESSAGE(ran.outcome.end == End::completed, ran.outcome.message);
    CHECK(ran.outcome.memory_kib_peak > 100 << 10);
  });
}

// The cause of a SIGKILL that nobody here sent was guessed from the size of the process alone.
TEST_CASE("sandbox memory: the control group knows who was killed for its own memory") {
  const std::unique_ptr<Cgroup> group = Cgroup::make();
  if (!group) {
    MESSAGE("skipped: no control group can be made here");
    return;
  }
  int line[2];
  REQUIRE(pipe(line) == 0);
  const auto fork_one = [&](bool hungry) {
    const pid_t pid = fork();
    if (pid == 0) {
      char go;
      if (read(line[0], &go, 1) != 1) _exit(1);
      const std::size_t size = hungry ? 256u << 20 : 1u << 20;
      char* const memory = static_cast<char*>(
          mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
      for (std::size_t at = 0; at < size; at += 4096) memory[at] = 1;
      for (;;) pause();
    }
    return pid;
  };
  group->bound(32 << 20);
  CHECK_FALSE(group->killed_for_memory());
  for (const bool hungry : {false, true, false}) {
    const pid_t pid = fork_one(hungry);
    REQUIRE(group->take(pid));
    // Version 1 names the controller; in either version the group stands below our own.
    std::ifstream own("/proc/self/cgroup"), taken("/proc/" + std::to_string(pid) + "/cgroup");
    std::string ours, theirs;
    bool below = false;
    while (std::getline(own, ours) && std::getline(taken, theirs)) {
      const std::string expected = ours + (ours.back() == '/' ? "" : "/") + "assay-";
      CHECK((theirs == ours || theirs.starts_with(expected)));
      below |= theirs.starts_with(expected);
    }
    CHECK(below);
    REQUIRE(write(line[1], "g", 1) == 1);
    if (!hungry) kill(pid, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status));
    CHECK(group->killed_for_memory() == hungry);
    CHECK_FALSE(group->killed_for_memory());
  }
  close(line[0]);
  close(line[1]);
}

TEST_CASE("sandbox memory: a small program that is killed from outside is missing, and says how") {
  Config config;
  config.control_group = false;
  const std::vector<pid_t> before = children_of(getpid());
  Worker worker(config);
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    for (const pid_t launcher : children_of(getpid())) {
      if (std::find(before.begin(), before.end(), launcher) != before.end()) continue;
      for (const pid_t zygote : children_of(launcher)) {
        for (const pid_t judged : children_of(zygote)) kill(judged, SIGKILL);
      }
    }
  });
  Job job = counting_job("def f(i):\n  while True: pass", 1);
  job.limits.test_cpu_s = 20;
  const Ran ran = run(worker, job);
  CHECK(ran.outcome.end == End::missing);
  CHECK(ran.outcome.message.find("killed from outside (SIGKILL) after 0.") == 0);
  CHECK(ran.outcome.message.find(" MiB of the 1024 MiB it may") != std::string::npos);
}

// A process that had not ended ten seconds after SIGKILL was compared with a clock that had not
// been read: it was `tampered`, even where its verdict was known.
TEST_CASE("sandbox memory: a process that does not die is missing, whatever it had claimed") {
  const std::string freezer = "/sys/fs/cgroup/freezer/assay-test-" + std::to_string(getpid());
  std::error_code error;
  if (!std::filesystem::create_directory(freezer, error) ||
      !std::ofstream(freezer + "/freezer.state")) {
    MESSAGE("skipped: only the freezer of control groups version 1 keeps a process from dying");
    return;
  }
  Config config;
  config.control_group = false;
  const std::vector<pid_t> before = children_of(getpid());
  Worker worker(config);
  // Frozen when its first answer has come; thawed when the verdict must be known.
  const auto freeze = [&](const Reply&) {
    for (const pid_t launcher : children_of(getpid())) {
      if (std::find(before.begin(), before.end(), launcher) != before.end()) continue;
      for (const pid_t zygote : children_of(launcher)) {
        for (const pid_t judged : children_of(zygote)) {
          std::ofstream(freezer + "/tasks") << judged << std::flush;
        }
      }
    }
    std::ofstream(freezer + "/freezer.state") << "FROZEN" << std::flush;
    return Next::go_on;
  };
  std::jthread thawing([&] {
    std::this_thread::sleep_for(std::chrono::seconds(14));
    std::ofstream(freezer + "/freezer.state") << "THAWED" << std::flush;
  });
  Job job = counting_job(
      "import time\n"
      "def f(i):\n  end = time.process_time() + 0.1\n  while time.process_time() < end: pass\n"
      "  if i: time.sleep(60)\n  return i",
      2);
  job.limits.wall_s_min = 1;
  job.limits.wall_factor = 1;
  const Outcome outcome = worker.run(job, freeze);
  thawing.join();
  CHECK(outcome.answered == 1);
  CHECK_MESSAGE(outcome.end == End::missing, outcome.message);
  CHECK(outcome.message == "the program was killed and did not end");
  CHECK(run(worker, "def f(i): return i").outcome.end == End::completed);
  for (int i = 0; i < 100 && rmdir(freezer.c_str()) != 0; ++i) usleep(10000);
}
