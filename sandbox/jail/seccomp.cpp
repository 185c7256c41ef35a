#include "sandbox/jail/seccomp.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#include "harness/base/error.h"
#include "sandbox/protocol.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace assay::sandbox {

Fd moved_high(Fd fd) {
  const int high = fcntl(fd.get(), F_DUPFD_CLOEXEC, 20);
  if (high < 0) throw Error(fmt::format("no descriptor left: {}", std::strerror(errno)));
  return Fd(high);
}

Fd memory_file(const char* name, const char* begin, const char* end, bool executable) {
  int fd = -1;
  if (executable) fd = memfd_create(name, MFD_CLOEXEC | MFD_EXEC);
  if (fd < 0) fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) throw Error(fmt::format("memfd_create failed: {}", std::strerror(errno)));
  Fd file(fd);
  while (begin < end) {
    const ssize_t n = write(file.get(), begin, static_cast<std::size_t>(end - begin));
    if (n <= 0) throw Error(fmt::format("writing memory failed: {}", std::strerror(errno)));
    begin += n;
  }
  lseek(file.get(), 0, SEEK_SET);
  return moved_high(std::move(file));
}

namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

// What CPython needs to run a program that computes: memory, clocks, files that are already there,
// threads. No sockets, no processes, no exec, no new memory objects, no other process's anything.
constexpr const char* kAllowed[] = {"read",
                                    "write",
                                    "readv",
                                    "writev",
                                    "pread64",
                                    "close",
                                    "close_range",
                                    "lseek",
                                    "fstat",
                                    "newfstatat",
                                    "stat",
                                    "lstat",
                                    "statx",
                                    "statfs",
                                    "fstatfs",
                                    "access",
                                    "faccessat",
                                    "faccessat2",
                                    "readlink",
                                    "readlinkat",
                                    "open",
                                    "openat",
                                    "getdents64",
                                    "getcwd",
                                    "chdir",
                                    "fchdir",
                                    "umask",
                                    "dup",
                                    "dup2",
                                    "dup3",
                                    "pipe",
                                    "pipe2",
                                    "select",
                                    "pselect6",
                                    "poll",
                                    "ppoll",
                                    "mmap",
                                    "munmap",
                                    "mremap",
                                    "mprotect",
                                    "madvise",
                                    "brk",
                                    "mincore",
                                    "rt_sigaction",
                                    "rt_sigprocmask",
                                    "rt_sigreturn",
                                    "rt_sigpending",
                                    "rt_sigsuspend",
                                    "rt_sigtimedwait",
                                    "sigaltstack",
                                    "pause",
                                    "restart_syscall",
                                    "alarm",
                                    "getitimer",
                                    "setitimer",
                                    "nanosleep",
                                    "clock_nanosleep",
                                    "clock_gettime",
                                    "clock_getres",
                                    "gettimeofday",
                                    "time",
                                    "times",
                                    "getrusage",
                                    "sysinfo",
                                    "uname",
                                    "getpid",
                                    "getppid",
                                    "gettid",
                                    "getuid",
                                    "geteuid",
                                    "getgid",
                                    "getegid",
                                    "getresuid",
                                    "getresgid",
                                    "getgroups",
                                    "getpgrp",
                                    "getpgid",
                                    "getsid",
                                    "setsid",
                                    "setpgid",
                                    "getpriority",
                                    "getcpu",
                                    "sched_yield",
                                    "sched_getaffinity",
                                    "sched_getparam",
                                    "sched_getscheduler",
                                    "sched_get_priority_max",
                                    "sched_get_priority_min",
                                    "futex",
                                    "set_robust_list",
                                    "set_tid_address",
                                    "rseq",
                                    "membarrier",
                                    "arch_prctl",
                                    "getrandom",
                                    "exit",
                                    "exit_group",
                                    "getrlimit",
                                    "wait4",
                                    "waitid",
                                    "capset"};

void check(int result, const char* what) {
  if (result < 0) {
    throw Error(fmt::format("seccomp filter: {}: {}", what, std::strerror(-result)));
  }
}

void allow(scmp_filter_ctx filter, const char* name) {
  const int number = seccomp_syscall_resolve_name(name);
  // Names that this architecture, or this libseccomp, does not have are nothing to allow.
  if (number == __NR_SCMP_ERROR || number < 0) return;
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0), name);
}

void allow_arguments(scmp_filter_ctx filter, int number,
                     std::initializer_list<scmp_arg_cmp> tests) {
  check(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, static_cast<unsigned>(tests.size()),
                               tests.begin()),
        "rule with arguments");
}

void allow_by_argument(scmp_filter_ctx filter, Level level) {
  // Threads; and the one clone that makes a judged process. Under Level::full that one takes a
  // capability which the judged process gave up; below, its own second filter refuses it.
  allow_arguments(filter, SCMP_SYS(clone),
                  {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
  const unsigned long birth =
      CLONE_PIDFD | SIGCHLD | (level == Level::full ? static_cast<unsigned long>(CLONE_NEWPID) : 0);
  allow_arguments(filter, SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_EQ, birth)});
  // glibc takes ENOSYS, and nothing else, as "use clone".
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");

  for (const int request : {TCGETS, FIONREAD, FIOCLEX, FIONCLEX, FIONBIO, TIOCGWINSZ}) {
    allow_arguments(filter, SCMP_SYS(ioctl),
                    {SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(request))});
  }
  for (const int command :
       {F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ}) {
    allow_arguments(filter, SCMP_SYS(fcntl),
                    {SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command))});
  }
  for (const int option :
       {PR_SET_NAME, PR_GET_NAME, PR_SET_NO_NEW_PRIVS, PR_GET_DUMPABLE, PR_SET_PDEATHSIG}) {
    allow_arguments(filter, SCMP_SYS(prctl),
                    {SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(option))});
  }
  allow_arguments(filter, SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)});
  // The zygote's talk with the supervisor; the judged process's own filter takes it away.
  allow_arguments(filter, SCMP_SYS(sendmsg), {SCMP_A0(SCMP_CMP_EQ, kFdControl)});
  allow_arguments(filter, SCMP_SYS(recvmsg), {SCMP_A0(SCMP_CMP_EQ, kFdControl)});
  // The kernel reads these as 32 bits: a comparison of all 64 could be passed by high bits.
  constexpr scmp_datum_t kInt = 0xffffffff;
  // Limits may be read and lowered, but for CPU time: death by that signal is the supervisor's
  // word, as is SIGKILL.
  for (scmp_datum_t resource = 0; resource < RLIM_NLIMITS; ++resource) {
    if (resource == RLIMIT_CPU) continue;
    allow_arguments(filter, SCMP_SYS(prlimit64), {SCMP_A1(SCMP_CMP_MASKED_EQ, kInt, resource)});
  }
  allow_arguments(filter, SCMP_SYS(prlimit64), {SCMP_A2(SCMP_CMP_EQ, 0)});
  for (scmp_datum_t signal = 0; signal <= 64; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    allow_arguments(filter, SCMP_SYS(kill), {SCMP_A1(SCMP_CMP_MASKED_EQ, kInt, signal)});
    allow_arguments(filter, SCMP_SYS(tkill), {SCMP_A1(SCMP_CMP_MASKED_EQ, kInt, signal)});
    allow_arguments(filter, SCMP_SYS(tgkill), {SCMP_A2(SCMP_CMP_MASKED_EQ, kInt, signal)});
  }
}

}  // namespace

Fd compile_filter(Level level) {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (!filter) throw Error("seccomp filter: libseccomp could not start");
  // Another architecture's system calls (i386, x32) kill at once.
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad arch");
  for (const char* name : kAllowed) allow(filter.get(), name);
  allow_by_argument(filter.get(), level);
  Fd file = memory_file("assay-seccomp", nullptr, nullptr);
  check(seccomp_export_bpf(filter.get(), file.get()), "export");
  return file;
}

}  // namespace assay::sandbox
