// Wrong passes that are only slow: what gold rejects for its time alone, and what came of it with
// more (`run --only-slow`). Throws assay::Error as the store does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"

namespace assay::analysis {

/// Samples of one model.
struct OnlySlow {
  std::int64_t by_time = 0;   ///< accepted, and rejected by gold for nothing but time
  std::int64_t measured = 0;  ///< ... of which it is known what more time makes of them
  std::int64_t right = 0;     ///< ... and that all of gold accepts with it
  std::map<std::string, std::int64_t> right_of;  ///< these, by task id
};
/// In the order of the models.
std::vector<OnlySlow> only_slow(store::Database& database, const Selected& selected);

/// The same with what is only slow as right. Models of which not all is measured are named in
/// `left_out`: their rates would lie between two others.
Selected slow_right(Selected selected, const std::vector<OnlySlow>& slow);

}  // namespace assay::analysis
