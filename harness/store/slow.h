// Wrong passes by time, judged once more with more of it: facts beside the verdicts, which stay.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "harness/store/database.h"
#include "harness/store/status.h"

namespace assay::store {

struct SlowVerdict {
  std::int64_t program_id = 0, suite_id = 0, condition_id = 0;
  double times = 0;  ///< the limits of time
  Status status = Status::timeout;
  double cpu_ms = 0;
};
/// REQUIRES: the status is a verdict, not `missing`.
void put_slow_verdict(Database& database, const SlowVerdict& verdict);

/// By problem, program and name of the suite: a text may be a program of several problems.
using SlowVerdicts = std::map<std::tuple<std::int64_t, std::int64_t, std::string>, Status>;
/// Those of one condition, by the suites that count.
SlowVerdicts slow_verdicts(Database& database, std::int64_t condition_id);

}  // namespace assay::store
