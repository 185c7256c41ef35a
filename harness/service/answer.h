// What is answered: verdicts suite by suite, and the reward that follows. A failure of ours is no verdict
// and has no reward. Pure but for what it is given; thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/judging.h"
#include "sandbox/sandbox.h"

namespace assay::service {

struct SuiteAnswer {
  std::string name;
  std::int64_t tests = 0;
  store::Verdict verdict;  ///< `missing` with a message where the suite cannot judge
};

struct Answer {
  bool cancelled = false;           ///< before it was judged; `suites` are those judged by then
  std::vector<SuiteAnswer> suites;  ///< in the order they were judged
  std::string program;              ///< what was judged, made of what the model wrote
  std::string rules;                ///< that made it; empty: as it came
  bool ran = false;                 ///< no suites: a program that was only run
  sandbox::Outcome outcome;         ///< ... how it ended
  std::string output;               ///< ... and what it wrote

  /// Of the first suite that does not pass; `pass` where none is. A rejection stands before `missing`.
  const SuiteAnswer* decisive() const;
  /// Nothing where it could not be judged, or nothing was to be judged by.
  std::optional<int> reward() const;
  /// A status of verdicts, or "cancelled".
  std::string status() const;
};

/// The record of an answer, with the keys that docs/service.md lists; `full` adds the suites apart where
/// there are several.
nlohmann::json record_of(const Answer& answer);

/// What it wrote, and texts like it, on the way into a record: at most so many bytes.
inline constexpr std::size_t kShownBytesMax = 64 << 10;

/// A record as one line of ASCII; what is not UTF-8 becomes U+FFFD.
std::string line_of(const nlohmann::json& record);

}  // namespace assay::service
