// What makes judged processes, whatever runs in them: a loop that takes a command, clones a process with
// its limits and filters, waits for it and says how it ended. Confined for good before the first command;
// it never reads a byte that a judged process wrote. The warm interpreter (python/zygote.c) and the host
// of other programs (process/host.c) are such makers.
#ifndef ASSAY_SANDBOX_CONFINED_H
#define ASSAY_SANDBOX_CONFINED_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/protocol.h"

struct maker {
  void (*before_fork)(void);  ///< these three may be null
  void (*after_fork_parent)(void);
  void (*after_fork_child)(void);
  /// In the judged process, its limits and filters in place. `fds`: control stream, reply pipe and what
  /// else the command brought, -1 where it brought no more. Never returns.
  void (*judged)(const struct assay_command* command, const int* fds);
};

/// `flags`: kFlagPidNamespace ...; `descriptors`: as many may be open at once. Never returns.
_Noreturn void make_judged(int flags, unsigned descriptors, const struct maker* maker);

/// Tells the supervisor that the jail cannot go on, and ends it. The first adds what errno says.
_Noreturn void jail_fail(const char* what);
_Noreturn void jail_fail_with(const char* sentence);

/// In a judged process: the one execveat that its jail's filter
/// admits takes its path from this address, which nothing else knows. Null in jails whose filter admits none.
extern const char* secret_path;

#endif
