// The supervisor's side of one jail: starts the launcher, knows the warm interpreter, hears its
// events, ends it. Used by one thread at a time.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "harness/base/fd.h"
#include "sandbox/jail/cgroup.h"
#include "sandbox/protocol.h"
#include "sandbox/runtime/installation.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

struct Event {
  assay_event words{};
  Fd pidfd;  ///< kEventStarted
};

/// What the kernel itself holds a judged process to.
struct Bounds {
  std::uint64_t memory_bytes = 0;  ///< what the jail's control group, where it has one, is held to
  bool address_space = true;       ///< ... and the process's address space as well
  /// Killed after this, should the supervisor itself be stopped; 0: never.
  std::uint64_t cpu_s = 0;
  bool receives = false;           ///< it may be sent descriptors: a checker that is kept
  std::uint64_t output_bytes = 0;  ///< what it may write to `fourth`
};

class Jail {
 public:
  /// Starts a jail of exactly this level. Throws Error saying what was refused.
  Jail(const Installation& installation, const Config& config, Level level);
  ~Jail();
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;

  /// Poll it for input: an event has come, or the jail is gone.
  int control() const { return control_.get(); }
  /// The next event; nothing where there is none yet. `gone` is set where the jail has ended.
  std::optional<Event> receive(bool& gone);
  /// Makes a judged process; it gets these descriptors, at most kDescriptorsMax. False where it is gone.
  bool start(const Bounds& bounds, std::span<const int> descriptors);

  pid_t zygote() const { return zygote_; }
  Level level() const { return level_; }
  /// The version of the control group that bounds it besides; 0 where there is none.
  int cgroup_version() const { return cgroup_ ? cgroup_->version() : 0; }
  /// True where the control group's limit was reached since this was last asked, and the kernel
  /// killed a process in it for that. Always false where there is no group.
  bool killed_for_memory() { return cgroup_ && cgroup_->killed_for_memory(); }
  /// The warm interpreter's address space: budgets come on top of it.
  std::uint64_t address_space_bytes() const { return address_space_bytes_; }

 private:
  void launch(const Installation& installation, const Config& config, Level level);
  /// False where it was gone without a word, as when it is killed from outside.
  bool wait_until_ready(bool control_group);
  void end();

  std::unique_ptr<Cgroup> cgroup_;
  Fd control_, lifeline_, launcher_;  ///< launcher_: its pidfd
  pid_t launcher_pid_ = -1, zygote_ = -1;
  Level level_;
  std::uint64_t address_space_bytes_ = 0;
  std::uint64_t tmp_bytes_ = 0;
};

/// One message with descriptors, at most kDescriptorsMax. False where it could not be sent whole.
bool send_with_descriptors(int socket, const void* bytes, std::size_t size,
                           std::span<const int> descriptors);

/// What the launcher is told; zero-terminated records.
std::string plan_text(const Installation& installation, const Config& config, Level level);

}  // namespace assay::sandbox
