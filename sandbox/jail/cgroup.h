// A jail's own control group, where this machine lets us make one: a second bound on memory (it
// counts what an address space does not: pipes, page tables) and on processes. A bonus, never a
// condition: containers seldom grant it, and every promise of a level holds without it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace assay::sandbox {

class Cgroup {
 public:
  /// Version 1 or 2, whichever this process is in; below its own group or beside it. Nothing where
  /// none can be made. Removes what a killed supervisor left behind.
  static std::unique_ptr<Cgroup> make();
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  /// Takes the process in; those it makes from now on are born inside. False where refused.
  bool take(pid_t pid) const;
  /// Bounds what all in it hold together. Written only where it changes.
  void bound(std::uint64_t memory_bytes);

  int version() const { return version_; }

 private:
  Cgroup(int version, std::vector<std::string> folders);
  int version_;
  std::vector<std::string> folders_;  ///< one; in version 1 one for each controller
  std::uint64_t memory_bytes_ = 0;
};

}  // namespace assay::sandbox
