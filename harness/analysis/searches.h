// From the searches in the database to numbers: what each strategy reached at each budget, and how
// far its verifier could be trusted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/explore/fidelity.h"
#include "harness/explore/rows.h"
#include "harness/stats/bootstrap.h"
#include "harness/store/searches.h"

namespace assay::analysis {

/// One search: the problems that every strategy has answered at every budget.
struct Searched {
  std::string task, policy, verifier;
  std::string
      distinction;  ///< what tells it from others of that name: "seed 2"; empty: there are none
  std::vector<std::string> strategies;
  std::vector<int> n;                         ///< budgets in generations, ascending
  std::vector<explore::Row> rows;             ///< by strategy and n
  std::optional<explore::Fidelity> fidelity;  ///< of finished answers; none: never measured
  std::vector<explore::Scaling> scaling;      ///< against `particle`, where it is one of them
  std::int64_t problems = 0, unfinished = 0;  ///< the latter lack an answer and are left out
  std::int64_t trials =
      0;  ///< strategies at budgets tried on less than half of the problems: left out
};

/// In the order in which they were begun; those without a problem answered by all are left out.
/// Throws Error where the database is damaged.
std::vector<Searched> searched(store::Database& database, const stats::BootstrapOptions& options);

/// Fills in what a stored answer says, but for problem and strategy.
void read_answer(const store::Database& database, const store::SearchAnswer& kept,
                 explore::Answer& cell);
store::SearchAnswer to_row(const explore::Answer& answer, const std::string& task_id,
                           const std::string& strategy);
/// Throws Error where the database is damaged.
explore::Sampled to_sampled(const store::Database& database, const store::SearchSample& kept,
                            std::size_t problem);
store::SearchSample to_row(const explore::Sampled& sample, const std::string& task_id,
                           std::int64_t number);

}  // namespace assay::analysis
