// What ends a process before its program begins is our own trouble; what ends it afterwards is the
// program's, whatever status it exits with.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <functional>
#include <optional>
#include <thread>

#include "harness/base/fd.h"
#include "sandbox/protocol.h"
#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

/// The end of a harmless program in a worker of its own, in a copy of this process to which `first`
/// was done: a limit or a filter stays for good, and everything below inherits it.
static End end_after(Level level, const std::function<bool()>& first, std::uint64_t memory_mib) {
  const pid_t copy = fork();
  if (copy == 0) {
    if (!first()) _exit(100);
    Config config;
    config.level_max = level;
    config.allow_weaker = true;
    try {
      Worker worker(config);
      Job job = counting_job("def f(i): return i", 1);
      job.limits.memory_mib = memory_mib;
      _exit(static_cast<int>(run(worker, job).outcome.end));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      _exit(101);
    }
  }
  int status = 0;
  waitpid(copy, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) < 100);
  return static_cast<End>(WEXITSTATUS(status));
}

[[maybe_unused]] static bool limit_address_space() {
  const rlimit few{8ull << 30, 8ull << 30};
  return setrlimit(RLIMIT_AS, &few) == 0;
}

/// The kernel grants this system call (with this first argument, where one is given) so often, as
/// the jail's own start needs it, and refuses it ever after.
static bool refuse_after(int granted, int number, std::optional<unsigned> argument) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argument.value_or(0), 0,
               static_cast<unsigned char>(argument ? 1 : 0)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return false;
  const int listener = static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
  if (listener < 0) return false;
  std::thread([listener, granted] {
    fcntl(listener, F_SETFD, FD_CLOEXEC);
    for (int calls = 0;; ++calls) {
      seccomp_notif asked{};
      if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked)) return;
      seccomp_notif_resp answer{};
      answer.id = asked.id;
      answer.error = calls < granted ? 0 : -EPERM;
      answer.flags = calls < granted ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
      ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
  }).detach();
  return true;
}

// The child exits with 76 where the kernel refuses its limits or filters; that was stored as the
// program's `error`, and our own fault stood in the rates.
TEST_CASE("sandbox began: a limit or a filter that the kernel refuses is no verdict") {
  const auto nothing = [] { return true; };
  CHECK(end_after(Level::no_namespace, nothing, 64) == End::completed);
  const auto capset = [](int granted) {
    return [granted] { return refuse_after(granted, SYS_capset, {}); };
  };
  const auto filter = [] { return refuse_after(1, SYS_prctl, PR_SET_SECCOMP); };
  CHECK(end_after(Level::no_namespace, capset(1), 64) == End::missing);
  CHECK(end_after(Level::no_namespace, filter, 64) == End::missing);
  if (shared_worker().level() == Level::full) {
    CHECK(end_after(Level::full, capset(2), 64) == End::missing);
    CHECK(end_after(Level::full, filter, 64) == End::missing);
  }
#if !defined(ASSAY_SANITIZED)  // they take terabytes
  CHECK(end_after(Level::no_namespace, limit_address_space, 64) == End::completed);
  // As root a limit may be raised again, except from within a user namespace.
  if (geteuid() != 0 || shared_worker().level() == Level::full) {
    CHECK(end_after(Level::full, limit_address_space, 16 << 10) == End::missing);
  }
#endif
}

// Status 73, likewise.
TEST_CASE("sandbox began: inputs that cannot be mapped are no verdict") {
  const Job job = counting_job("def f(i): return i", 1);
  const Fd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(dup2(nothing.get(), job.inputs->descriptor()) >= 0);
  const Ran ran = run(shared_worker(), job);
  CHECK(ran.outcome.end == End::missing);
  CHECK(ran.outcome.message == "the inputs could not be mapped");
}

// A text of 60 MB under a small budget was the program's `error`: "the process ended itself before
// it had answered". Nothing of it had run.
TEST_CASE("sandbox began: a text that its memory does not hold is `memory`") {
  for (const int mib : {1, 30, 60, 90, 140}) {
    CAPTURE(mib);
    Job job = counting_job("def f(i): return i\n#" + std::string(60 << 20, 'x'), 1);
    job.limits.memory_mib = static_cast<std::uint64_t>(mib);
    const Ran ran = run(shared_worker(), job);
    CHECK_MESSAGE(ran.outcome.end == End::memory, ran.outcome.message);
    CheckJob check;
    check.program = job.program;
    check.entry_point = "f";
    check.checker = "f(1)";
    check.limits.memory_mib = job.limits.memory_mib;
    const Outcome outcome = shared_worker().check(check);
    CHECK_MESSAGE(outcome.end == End::memory, outcome.message);
  }
}

// ... and a test's text that does not fit is no fault of the program.
TEST_CASE("sandbox began: tests that their memory does not hold are no verdict") {
  for (const int mib : {30, 90, 140}) {
    CAPTURE(mib);
    CheckJob check;
    check.program = "def f(i): return i";
    check.entry_point = "f";
    check.checker = "f(1)\n#" + std::string(60 << 20, 'x');
    check.limits.memory_mib = static_cast<std::uint64_t>(mib);
    const Outcome outcome = shared_worker().check(check);
    CHECK_MESSAGE(outcome.end == End::missing, outcome.message);
  }
}

TEST_CASE("sandbox began: a program that exits with a status of ours has exited") {
  for (const int status :
       {kExitMemory, kExitJob, kExitPython, kExitInputs, kExitRefused, kExitUnheard}) {
    const std::string leave = "import os\nos._exit(" + std::to_string(status) + ")";
    CHECK(run(shared_worker(), leave).outcome.end == End::exited);
    CHECK(run(shared_worker(), "def f(i):\n import os\n os._exit(" + std::to_string(status) + ")")
              .outcome.end == End::exited);
  }
}
