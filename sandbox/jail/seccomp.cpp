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
#include "harness/base/memory_file.h"
#include "sandbox/protocol.h"

namespace assay::sandbox {

namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

// What CPython needs to run a program that computes: memory, clocks, files that are already there,
// threads. No sockets, no processes, no exec, no new memory objects, no other process's anything.
// clang-format off
constexpr const char* kAllowed[] = {
    // Reading and writing what is open.
    "read", "write", "readv", "writev", "pread64", "lseek", "close", "close_range",
    "dup", "dup2", "dup3", "pipe", "pipe2", "select", "pselect6", "poll", "ppoll",
    // Files that are already there.
    "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs",
    "access", "faccessat", "faccessat2", "getdents64", "getcwd", "chdir", "fchdir", "umask",
    // Memory; mmap by its arguments, below.
    "munmap", "mremap", "mprotect", "madvise", "brk", "mincore",
    // Its own signals and timers.
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
    "rt_sigtimedwait", "sigaltstack", "pause", "restart_syscall",
    "alarm", "getitimer", "setitimer",
    // Clocks.
    "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
    "times", "getrusage",
    // What it is and where it runs.
    "sysinfo", "uname", "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid",
    "getresuid", "getresgid", "getgroups", "getpgrp", "getpgid", "getsid", "setsid", "setpgid",
    "getpriority", "getcpu", "sched_yield", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getrlimit",
    // Threads, and the end.
    "futex", "set_robust_list", "set_tid_address", "rseq", "membarrier", "arch_prctl",
    "getrandom", "exit", "exit_group",
    // The warm interpreter's own: to give up what it holds, to wait for the judged process.
    "capset", "wait4", "waitid", "prlimit64",
};
// clang-format on

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

// The kernel reads these arguments as 32 bits: a comparison of all 64 could be passed by high bits.
constexpr scmp_datum_t kInt = 0xffffffff;

/// Allows a call where `argument` (32 bits of it) is one of `values`.
void allow_values(scmp_filter_ctx filter, int number, unsigned argument,
                  std::initializer_list<int> values) {
  for (const int value : values) {
    allow_arguments(filter, number,
                    {SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, kInt, static_cast<unsigned>(value))});
  }
}

/// Threads; and the one clone that makes a judged process. Under Level::full that one takes a
/// capability which the judged process gave up; below, its own second filter refuses it.
void allow_clone(scmp_filter_ctx filter, Level level) {
  allow_arguments(filter, SCMP_SYS(clone),
                  {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
  const unsigned long birth =
      CLONE_PIDFD | SIGCHLD | (level == Level::full ? static_cast<unsigned long>(CLONE_NEWPID) : 0);
  allow_arguments(filter, SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_EQ, birth)});
  // glibc takes ENOSYS, and nothing else, as "use clone".
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

/// Private mappings only. Pages of a shared one stay when all but one page of it is unmapped, and
/// belong to no process's account; huge pages come out of a store that no control group counts.
void allow_mmap(scmp_filter_ctx filter) {
  constexpr scmp_datum_t kMapType = 0x0f;  // MAP_TYPE: newer kinds of sharing too
  allow_arguments(filter, SCMP_SYS(mmap),
                  {SCMP_A3(SCMP_CMP_MASKED_EQ, kMapType | MAP_HUGETLB, MAP_PRIVATE)});
}

/// Files are opened for reading. Under Level::full nothing else could be had (all mounts are
/// read-only, and programs see the error that belongs to it); below, no limit and no landlock
/// before its third version keeps a program from emptying a file of the user's (O_TRUNC), or from
/// writing to it by a mapping. There the targets of links are nobody's business either.
void allow_files(scmp_filter_ctx filter, Level level) {
  if (level == Level::full) {
    for (const char* name : {"open", "openat", "readlink", "readlinkat"}) allow(filter, name);
    return;
  }
  // O_TMPFILE is refused by its O_ACCMODE: the kernel takes it for writing only.
  constexpr scmp_datum_t kWriting = O_ACCMODE | O_CREAT | O_TRUNC;
  if (SCMP_SYS(open) >= 0) {
    allow_arguments(filter, SCMP_SYS(open), {SCMP_A1(SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY)});
  }
  allow_arguments(filter, SCMP_SYS(openat), {SCMP_A2(SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY)});
}

/// What making and removing files takes, where there is a /tmp to do it in; all other mounts are
/// read-only, and landlock grants it nowhere else. No links, no devices, pipes or sockets, and no
/// locks: no account bounds them. Modes and times by a path alone: an open descriptor may be a stream
/// that all programs share.
void allow_changes(scmp_filter_ctx filter) {
  for (const char* name : {"mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat",
                           "truncate", "ftruncate", "pwrite64", "fsync", "fdatasync", "chmod",
                           "fchmodat", "listxattr", "llistxattr"}) {
    allow(filter, name);
  }
  for (const int flags : {0, AT_SYMLINK_NOFOLLOW}) {
    allow_arguments(filter, SCMP_SYS(utimensat),
                    {SCMP_CMP(1, SCMP_CMP_NE, 0),
                     SCMP_CMP(3, SCMP_CMP_MASKED_EQ, kInt, static_cast<unsigned>(flags))});
  }
}

/// Nothing that changes an open file itself, but for O_NONBLOCK, which an event loop sets on its own
/// sockets: standard input and output are shared with every other program of the jail. Each process
/// clears it there before its program begins, by the one F_SETFL that can only clear.
void allow_descriptors(scmp_filter_ctx filter) {
  allow_values(filter, SCMP_SYS(ioctl), 1,
               {TCGETS, static_cast<int>(FIONREAD), FIOCLEX, FIONCLEX, TIOCGWINSZ, FIONBIO});
  allow_arguments(filter, SCMP_SYS(fcntl),
                  {SCMP_CMP(1, SCMP_CMP_MASKED_EQ, kInt, static_cast<unsigned>(F_SETFL)),
                   SCMP_CMP(2, SCMP_CMP_EQ, 0)});
  allow_values(filter, SCMP_SYS(fcntl), 1,
               {F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ});
}

/// What asyncio wakes itself by: a connected pair of streams. No other kind and no address, so that
/// none of them reaches past this process (below Level::full datagrams could name a socket of the
/// host's); no flags, among them the kernel's own trouble with MSG_OOB; no options, so that the
/// buffers keep their size; and messages with descriptors stay refused. PollSelector serves where
/// epoll is refused.
void allow_pairs(scmp_filter_ctx filter) {
  for (const int type : {+SOCK_STREAM, SOCK_STREAM | SOCK_CLOEXEC}) {
    allow_arguments(filter, SCMP_SYS(socketpair),
                    {SCMP_CMP(0, SCMP_CMP_MASKED_EQ, kInt, AF_UNIX),
                     SCMP_CMP(1, SCMP_CMP_MASKED_EQ, kInt, static_cast<unsigned>(type)),
                     SCMP_CMP(2, SCMP_CMP_MASKED_EQ, kInt, 0)});
  }
  for (const int number : {SCMP_SYS(sendto), SCMP_SYS(recvfrom)}) {
    allow_arguments(filter, number,
                    {SCMP_CMP(3, SCMP_CMP_MASKED_EQ, kInt, 0), SCMP_CMP(4, SCMP_CMP_EQ, 0)});
  }
}

void allow_signals(scmp_filter_ctx filter) {
  for (int signal = 0; signal <= 64; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    allow_values(filter, SCMP_SYS(kill), 1, {signal});
    allow_values(filter, SCMP_SYS(tkill), 1, {signal});
    allow_values(filter, SCMP_SYS(tgkill), 2, {signal});
  }
}

/// Runtimes of other languages wait by epoll and wake themselves by counters; 256 descriptors bound both.
/// An open file may be executed: the second filter of each program admits that once (confined.c).
void allow_programs(scmp_filter_ctx filter) {
  for (const char* name :
       {"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
        "eventfd2", "preadv", "sched_setaffinity"}) {
    allow(filter, name);
  }
  // The JVM maps its library so. A file's own pages, never more than the file has: what a program can
  // write to is bounded (its output, a /tmp).
  constexpr scmp_datum_t kKind = 0x0f | MAP_ANONYMOUS | MAP_HUGETLB;
  allow_arguments(
      filter, SCMP_SYS(mmap),
      {SCMP_CMP(2, SCMP_CMP_EQ, PROT_READ), SCMP_A3(SCMP_CMP_MASKED_EQ, kKind, MAP_SHARED)});
  allow_arguments(filter, SCMP_SYS(execveat),
                  {SCMP_CMP(4, SCMP_CMP_MASKED_EQ, kInt, static_cast<unsigned>(AT_EMPTY_PATH))});
}

/// A compiler's processes make others and execute what the jail shows; they map and lock what they write
/// in a /tmp that ends with them. No namespaces: that takes a capability they have not, and flags that are
/// refused here.
void allow_compilers(scmp_filter_ctx filter) {
  for (const char* name :
       {"fork", "vfork", "execve", "fallocate", "fchmod", "flock", "pwritev", "link", "linkat",
        "symlink", "symlinkat", "utime", "utimes", "copy_file_range", "sendfile", "fadvise64",
        "getxattr", "lgetxattr", "fgetxattr"}) {
    allow(filter, name);
  }
  constexpr scmp_datum_t kSpaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                   CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE;
  allow_arguments(filter, SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_MASKED_EQ, kSpaces, 0)});
  allow_arguments(filter, SCMP_SYS(mmap), {SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_HUGETLB, 0)});
  allow_values(filter, SCMP_SYS(fcntl), 1, {F_SETLK, F_SETLKW, F_GETLK, F_SETFL});
}

void allow_by_argument(scmp_filter_ctx filter, Level level) {
  allow_clone(filter, level);
  allow_mmap(filter);
  allow_files(filter, level);
  allow_descriptors(filter);
  allow_pairs(filter);
  allow_signals(filter);
  allow_values(filter, SCMP_SYS(prctl), 0,
               {PR_SET_NAME, PR_GET_NAME, PR_SET_NO_NEW_PRIVS, PR_GET_DUMPABLE, PR_SET_PDEATHSIG,
                PR_SET_SECCOMP});
  // The zygote's talk with the supervisor; the judged process's own filter takes it away, as it
  // does some limits of prlimit64 (sandbox/runtime/python/zygote.c).
  allow_values(filter, SCMP_SYS(sendmsg), 0, {kFdControl});
  allow_values(filter, SCMP_SYS(recvmsg), 0, {kFdControl});
}

}  // namespace

Fd compile_filter(Level level, bool tmp, Runtime runtime) {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (!filter) throw Error("seccomp filter: libseccomp could not start");
  // Another architecture's system calls (i386, x32) kill at once.
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad arch");
  for (const char* name : kAllowed) allow(filter.get(), name);
  allow_by_argument(filter.get(), level);
  if (tmp) allow_changes(filter.get());
  if (runtime != Runtime::python) allow_programs(filter.get());
  if (runtime == Runtime::compilers) allow_compilers(filter.get());
  Fd file = new_memory_file("assay-seccomp");
  check(seccomp_export_bpf(filter.get(), file.get()), "export");
  seal(file.get());
  return file;
}

}  // namespace assay::sandbox
