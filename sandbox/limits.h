// The limits of one program, and the one table of their names: JSON, `--limits`, its help and the
// condition are made from it. A new limit is a member and a row.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

namespace assay::sandbox {

/// CPU time is the judged process's own clock, read from outside.
struct Limits {
  double load_cpu_s = 5;            ///< executing the program's top level
  double test_cpu_s = 1;            ///< one call (Job::test_cpu_s_max may raise it, call by call)
  double suite_cpu_s = 60;          ///< all calls of one job together
  double wall_factor = 10;          ///< wall backstop: max(wall_s_min, wall_factor * the CPU limit)
  double wall_s_min = 5;            ///< ... so a sleeper ends, and a busy machine flips no verdict
  std::uint64_t memory_mib = 1024;  ///< budget above the warm interpreter
  std::uint64_t reply_mib = 16;     ///< one encoded reply
};

struct LimitField {
  const char* name;
  const char* unit;  ///< "s", "MiB", or "" for a factor
  std::variant<double Limits::*, std::uint64_t Limits::*> member;

  /// Whole numbers, at least 1.
  bool whole() const { return member.index() == 1; }
  double get(const Limits& limits) const {
    return whole() ? static_cast<double>(limits.*std::get<1>(member)) : limits.*std::get<0>(member);
  }
  /// A whole field takes the whole part. REQUIRES: 0 < value <= 2^53.
  void set(Limits& limits, double value) const {
    if (whole()) {
      limits.*std::get<1>(member) = static_cast<std::uint64_t>(value);
    } else {
      limits.*std::get<0>(member) = value;
    }
  }
};

inline constexpr std::array<LimitField, 7> kLimitFields = {{
    {"load_cpu_s", "s", &Limits::load_cpu_s},
    {"test_cpu_s", "s", &Limits::test_cpu_s},
    {"suite_cpu_s", "s", &Limits::suite_cpu_s},
    {"wall_factor", "", &Limits::wall_factor},
    {"wall_s_min", "s", &Limits::wall_s_min},
    {"memory_mib", "MiB", &Limits::memory_mib},
    {"reply_mib", "MiB", &Limits::reply_mib},
}};

}  // namespace assay::sandbox
