// What probing came to over the problems: how many of the accepted programs are wrong by a new input, by
// how much that raises fdr, and how the finds came in as inputs were tried. Disputed finds are told
// apart and are in no rate. Intervals are over problems (stats/interval.h). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/probe/probe.h"
#include "harness/stats/interval.h"

namespace assay::probe {

/// A model's samples of a problem that are one program, of those that the proxy accepts or the truth does.
struct Samples {
  std::string model, task_id;
  std::int64_t program = 0;
  std::int64_t count = 0;
  bool accepted = false;  ///< by the proxy
  bool right = false;     ///< by the truth so far
};

/// Of the samples that the proxy accepts, those that are wrong.
struct Rise {
  std::string model;  ///< empty: all models
  std::int64_t accepted = 0, wrong = 0, newly = 0;
  stats::Estimate before, after, rise;
};

/// Finds by where among a problem's allowed inputs their first one stands.
struct Stretch {
  std::size_t from = 0, to = 0;
  std::int64_t inputs = 0, finds = 0;
  stats::Estimate per_thousand;  ///< inputs
};

struct Totals {
  std::int64_t problems = 0, inputs = 0;  ///< probed, allowed
  std::int64_t programs = 0, found = 0, disputed = 0;
  stats::Estimate share;  ///< found of programs
  Stretch all;
  std::vector<Stretch> along;  ///< four, of equal length
  std::vector<Rise> rises;     ///< of all models, then by model
};

/// `inputs`: that were wanted of each problem. `samples`: also of problems without a result, which do not
/// count.
Totals totals_of(const std::vector<Result>& results, const std::vector<Samples>& samples,
                 std::size_t inputs);

}  // namespace assay::probe
