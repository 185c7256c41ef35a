// What every maker of judged processes does, whatever runs in them: it confines itself for good, hears
// commands, and holds each process that it makes to its limits.
#include "sandbox/runtime/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

static int flags;
static const struct maker* maker;
const char* secret_path;
/// In a user namespace of our own RLIMIT_NPROC counts what is in there alone (Linux 5.14 or later).
static int threads_are_counted_here;
enum { kThreadsMax = 512 };

_Noreturn void jail_fail_with(const char* sentence) {
  struct assay_event event = {kEventFailed, errno, 0, 0, {0}};
  strncpy(event.text, sentence, sizeof event.text - 1);
  send(kFdControl, &event, sizeof event, MSG_NOSIGNAL);
  _exit(1);
}

_Noreturn void jail_fail(const char* what) {
  char sentence[200];
  snprintf(sentence, sizeof sentence, "%s: %s", what, strerror(errno));
  jail_fail_with(sentence);
}

/// The filter comes as the bytes of struct sock_filter, made by libseccomp outside.
static void install_seccomp(void) {
  static struct sock_filter filter[4096];
  size_t size = 0;
  for (;;) {
    const ssize_t n = pread(kFdSeccomp, (char*)filter + size, sizeof filter - size, (off_t)size);
    if (n < 0) jail_fail("cannot read the seccomp filter");
    if (n == 0) break;
    size += (size_t)n;
  }
  const struct sock_fprog program = {(unsigned short)(size / sizeof filter[0]), filter};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    jail_fail("cannot install the seccomp filter");
  }
}

/// The size of /tmp, which no file there can have more of; without one nothing can be written.
static rlim_t file_bytes_max(void) {
  struct statfs tmp;
  if (!(flags & kFlagTmp)) return 0;
  if (statfs("/tmp", &tmp)) jail_fail("/tmp");
  return (rlim_t)tmp.f_blocks * (rlim_t)tmp.f_bsize;
}

static rlim_t file_bytes;  ///< what a program may write to one file

/// Between programs: whatever the last one left is gone with all that holds it.
static void renew_tmp(void) {
  char byte = 0;
  if (!(flags & kFlagTmp)) return;
  if (write(kFdTmp, &byte, 1) != 1 || read(kFdTmp, &byte, 1) != 1) jail_fail("no new /tmp");
}

static void confine(unsigned descriptors) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) jail_fail("no_new_privs");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) jail_fail("non-dumpable");
  if (flags & kFlagLandlock && syscall(SYS_landlock_restrict_self, kFdLandlock, 0)) {
    jail_fail("landlock");
  }
  close(kFdLandlock);
  file_bytes = file_bytes_max();
  const rlim_t most = file_bytes > kOutputBytesMax ? file_bytes : kOutputBytesMax;
  const struct rlimit none = {0, 0}, few = {descriptors, descriptors}, file = {most, most};
  if (setrlimit(RLIMIT_FSIZE, &file) || setrlimit(RLIMIT_CORE, &none) ||
      setrlimit(RLIMIT_NOFILE, &few)) {
    jail_fail("rlimits");
  }
  struct utsname system;
  int major = 0, minor = 0;
  if (!uname(&system)) sscanf(system.release, "%d.%d", &major, &minor);
  threads_are_counted_here =
      flags & kFlagPidNamespace && (major > 5 || (major == 5 && minor >= 14));
  if (flags & kFlagSeccomp) install_seccomp();
  // Used up, all of them: no program finds a descriptor of ours but its own.
  close(kFdSeccomp);
  close(kFdModule);
}

// ---- after the fork, in the judged process

/// Without a PID namespace: no process but this one can be made, signalled or limited by it.
static void install_own_filter(void) {
  const unsigned self = (unsigned)getpid();
#define ARGUMENT(n) (unsigned)offsetof(struct seccomp_data, args[n])
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 6, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 9, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 8, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tkill, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 10, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 14, 0),
      ALLOW,
      // clone: threads only.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
      REFUSE,
      ALLOW,
      // kill, tgkill: itself only.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, self, 1, 0),
      REFUSE,
      ALLOW,
      // prlimit64: itself only, by either name.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, self, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      REFUSE,
      ALLOW,
      // prctl: not the wish to outlive the zygote.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_PDEATHSIG, 0, 1),
      REFUSE,
      ALLOW,
  };
  const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) _exit(kExitRefused);
}

/// The program itself is executed once. Its jail's filter admits execveat of an open file; this one only
/// where the (empty) path lies at an address that is drawn here and forgotten by that very call, so that
/// no program can make another.
static void install_exec_filter(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint64_t drawn = 0;
  if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) _exit(kExitRefused);
  // Below 2^46, where every architecture of ours has user space; the kernel takes the hint or another place.
  void* wanted = (void*)(uintptr_t)((drawn >> 18) & ~(uint64_t)(page - 1));
  char* place = mmap(wanted, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) _exit(kExitRefused);
  secret_path = place + drawn % page;
  const uint64_t address = (uint64_t)(uintptr_t)secret_path;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)address, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1) + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(address >> 32), 0, 1),
      ALLOW,
      REFUSE,
  };
  const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) _exit(kExitRefused);
}

/// What the zygote needs and a program must not have. Passing descriptors: they count against the
/// user that all jails share, so a flood of them would end other programs' jails. Limits on CPU and
/// real time: the kernel enforces them by SIGKILL, which is nobody's but the supervisor's. Filters
/// like this one: every thread may have a megabyte of them, which no limit counts. Installed last.
static void install_child_filter(int receives) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 13, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_recvmsg, 12, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 8, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 9),
      // prlimit64: these two may be read only, so there is no new limit in either half of a pointer.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_CPU, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_RTTIME, 0, 6),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2) + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 3),
      // prctl: no filter.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 1, 0),
      ALLOW,
      REFUSE,
  };
  // A kept checker is sent one stream a program; who only receives can fill nothing.
  if (receives) filter[2].k = SYS_sendmsg;
  const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) _exit(kExitRefused);
}

static void drop_capabilities(void) {
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0}};
  if (syscall(SYS_capset, &head, none)) _exit(kExitRefused);
}

/// Standard input and output stay, and what is in `kept` (-1: none). Whatever else is open (the
/// supervisor's line, what a package opened while it was imported) is shared by all programs of
/// this jail: none of them sees it.
static void close_all_but(const int* kept, int count) {
  for (unsigned from = 3, to; from != 0; from = to + 1) {
    to = ~0u;  // the lowest kept one from here on
    for (int i = 0; i < count; ++i) {
      if (kept[i] >= 0 && (unsigned)kept[i] >= from && (unsigned)kept[i] < to)
        to = (unsigned)kept[i];
    }
    if (to > from) syscall(SYS_close_range, from, to == ~0u ? to : to - 1, 0);
  }
}

static _Noreturn void become_child(const struct assay_command* command, const int* fds) {
  close_all_but(fds, kDescriptorsMax);
  // O_NONBLOCK, where the program before left it so: they are one and the same for all.
  for (int fd = 0; fd < 3; ++fd) fcntl(fd, F_SETFL, 0);
  setsid();
  const struct rlimit memory = {command->address_space_bytes, command->address_space_bytes};
  if (command->address_space_bytes && setrlimit(RLIMIT_AS, &memory)) _exit(kExitRefused);
  const struct rlimit cpu = {command->cpu_s, command->cpu_s};
  if (command->cpu_s && setrlimit(RLIMIT_CPU, &cpu)) _exit(kExitRefused);
  const rlim_t bytes = command->output_bytes > file_bytes ? command->output_bytes : file_bytes;
  const struct rlimit file = {bytes, bytes};
  if (setrlimit(RLIMIT_FSIZE, &file)) _exit(kExitRefused);
  if (threads_are_counted_here) {
    const struct rlimit threads = {kThreadsMax, kThreadsMax};
    setrlimit(RLIMIT_NPROC, &threads);
  }
  // There a name without a folder is a file that can be written.
  if (flags & kFlagTmp && chdir("/tmp")) _exit(kExitRefused);
  drop_capabilities();
  if (flags & kFlagOwnFilter) {
    // No PID namespace takes it along when the zygote dies. It cannot take this back.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    install_own_filter();
  }
  if (flags & kFlagExecutes) install_exec_filter();
  if (flags & kFlagSeccomp) install_child_filter(command->receives != 0);
  maker->judged(command, fds);
  _exit(kExitJob);
}

// ---- in the zygote

/// False where the descriptor cannot be passed now: those on their way are counted together for all
/// jails of the user, and this process may have few.
static int try_send_event(const struct assay_event* event, int fd) {
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec body = {(void*)event, sizeof *event};
  struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
  if (fd >= 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
  }
  if (sendmsg(kFdControl, &message, MSG_NOSIGNAL) >= 0) return 1;
  if (fd >= 0 && errno == ETOOMANYREFS) return 0;
  _exit(0);
}

static void send_event(const struct assay_event* event) { try_send_event(event, -1); }

/// False when the supervisor is gone.
static int receive_command(struct assay_command* command, int fds[kDescriptorsMax]) {
  union {
    char bytes[CMSG_SPACE(kDescriptorsMax * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec body = {command, sizeof *command};
  struct msghdr message = {.msg_iov = &body,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t n;
  do {
    n = recvmsg(kFdControl, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  const struct cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (n != (ssize_t)sizeof *command || !head) return 0;
  for (int i = 0; i < kDescriptorsMax; ++i) fds[i] = -1;
  memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
  return 1;
}

static void wait_and_tell(pid_t pid, int pidfd) {
  // Most programs end at once; only for the others does the supervisor need to know the process.
  struct pollfd ended = {pidfd, POLLIN, 0};
  const struct assay_event started = {kEventStarted, 0, 0, 0, {0}};
  while (poll(&ended, 1, 1) == 0 && !try_send_event(&started, pidfd)) {
  }
  close(pidfd);
  struct assay_event event = {kEventEnded, 0, 0, 0, {0}};
  struct rusage usage;
  while (wait4(pid, &event.status, 0, &usage) < 0) {
    if (errno != EINTR) jail_fail("wait4");
  }
  event.cpu_ns = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u +
                 (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
  event.memory_kib_peak = (uint64_t)usage.ru_maxrss;
  send_event(&event);
}

static void make_one(const struct assay_command* command, const int fds[kDescriptorsMax]) {
  int pidfd = -1;
  const unsigned long clone_flags =
      CLONE_PIDFD | SIGCHLD | (flags & kFlagPidNamespace ? CLONE_NEWPID : 0);
  // The same argument order on x86-64 and aarch64 up to here: flags, stack, parent_tid.
  if (maker->before_fork) maker->before_fork();
  const pid_t pid = (pid_t)syscall(SYS_clone, clone_flags, 0, &pidfd, 0, 0);
  if (pid == 0) {
    if (maker->after_fork_child) maker->after_fork_child();
    become_child(command, fds);
  }
  const int error = errno;
  if (maker->after_fork_parent) maker->after_fork_parent();
  for (int i = 0; i < kDescriptorsMax; ++i) {
    if (fds[i] >= 0) close(fds[i]);
  }
  if (pid < 0) {
    const struct assay_event event = {kEventNotStarted, error, 0, 0, {0}};
    send_event(&event);
  } else {
    wait_and_tell(pid, pidfd);
  }
}

_Noreturn void make_judged(int flags_, unsigned descriptors, const struct maker* maker_) {
  flags = flags_;
  maker = maker_;
  // Asked again here: exec may have cleared it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  confine(descriptors);
  renew_tmp();  // a package may have written there
  const struct assay_event ready = {kEventReady, 0, 0, 0, {0}};
  send_event(&ready);
  struct assay_command command;
  int fds[kDescriptorsMax];
  while (receive_command(&command, fds)) {
    make_one(&command, fds);
    renew_tmp();
  }
  _exit(0);
}
