// A jail's own control group, where this machine lets us make one: a second bound on memory (it
// counts what an address space does not: pipes, page tables) and on processes, and a witness of
// deaths by memory. A bonus, never a condition: containers seldom grant it, and every promise of a
// level holds without it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace assay::sandbox {

class Cgroup {
 public:
  /// Version 1 or 2, whichever this process is in; always below its own group, whose limits
  /// therefore hold for the jail too. Changes nothing about any group that is not ours: where
  /// version 2 has no memory controller for groups below, or none can be made, there is none.
  /// Removes what a killed supervisor left behind.
  static std::unique_ptr<Cgroup> make();
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  /// Takes the process in; those it makes from now on are born inside. False where refused.
  bool take(pid_t pid) const;
  /// Bounds what all in it hold together. Written only where it changes.
  void bound(std::uint64_t memory_bytes);

  /// True where, since this was last asked, the group's limit was reached and the kernel killed a
  /// process in it. A kill because the machine as a whole was short of memory is none of these.
  bool killed_for_memory();

  int version() const { return version_; }

 private:
  Cgroup(int version, std::vector<std::string> folders);
  int version_;
  std::vector<std::string> folders_;  ///< one; in version 1 one for each controller
  std::uint64_t memory_bytes_ = 0;
  std::uint64_t kills_ = 0, limits_reached_ = 0;  ///< as last read
};

}  // namespace assay::sandbox
