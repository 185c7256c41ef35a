// What a verdict says, and its one table of names (the contract's, schema.sql's, JSON's).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace assay::store {

enum class Status {
  pass,
  fail,     ///< a test gave a wrong answer
  error,    ///< an exception, or the process ended itself
  timeout,  ///< by CPU time or by wall time
  memory,
  output,  ///< more of it than the limit
  crash,   ///< a signal
  syntax,
  no_entry_point,
  no_program,  ///< the answer holds none
  tampered,    ///< it interfered with its own judging
  missing,     ///< an internal error: no verdict at all, excluded from every rate and tried again
};

/// By the enumerator's value. A new status is a name here and a value of schema.sql's CHECK, by a migration.
inline constexpr std::array kStatusNames = {"pass",           "fail",       "error",    "timeout",
                                            "memory",         "output",     "crash",    "syntax",
                                            "no_entry_point", "no_program", "tampered", "missing"};

static_assert(kStatusNames.size() == static_cast<std::size_t>(Status::missing) + 1);

constexpr const char* name_of(Status status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

/// Nothing for a name that is none.
constexpr std::optional<Status> status_named(std::string_view name) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (name == kStatusNames[i]) return static_cast<Status>(i);
  }
  return std::nullopt;
}

/// A verdict against the program: it was judged and did not pass.
constexpr bool rejects(Status status) {
  return status != Status::pass && status != Status::missing;
}

}  // namespace assay::store
