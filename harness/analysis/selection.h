// Which models are asked about, which suites judge them, and what the verdicts then count. Reads
// only. Throws assay::Error for what the database does not hold, and as the store does.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/stats/counts.h"
#include "harness/store/queries.h"

namespace assay::analysis {

/// What is asked for; whatever is empty stands for everything, or for the suites' default.
struct Selection {
  std::string dataset;
  std::vector<std::string> models;
  std::vector<std::string> proxy, gold;
};

/// Which suites accept and which decide.
struct Suites {
  std::vector<std::string> proxy, gold;
};
/// Throws Error (usage), with `option` and the names there are, where a suite is not in the database.
/// Where nothing was judged any name will do: imported counts bring their own truth.
void check_suite_names(store::Database& database, const std::vector<std::string>& names,
                       const char* option);
/// For what looks at single programs and tests: throws Error (usage) where a proxy speaks of a score.
void refuse_scores(const Selection& selection);
/// For one model: as asked, or `base` against every suite of the benchmark with verdicts, or the only
/// suite against itself. `official` is another form of `base`, and datasets::kProbeSuite was made by looking at
/// programs: neither decides the truth unless it is asked to.
Suites suites_for(store::Database& database, const store::StoredModel& model,
                  const Selection& selection);

/// The stored problem that is meant, which may be named by its number alone ("0" is HumanEval/0, where
/// no other problem ends so). Refuses one that is not there; the empty one stands for all.
std::string meant_task(store::Database& database, const std::string& task_id);

/// Whether some of these are imported counts, which carry no programs.
bool any_counts_only(const std::vector<store::StoredModel>& models);

/// The models that have counts, entry by entry.
struct Selected {
  Selection selection;
  std::vector<store::StoredModel> models;
  std::vector<Suites> suites;
  std::vector<stats::ModelCounts> counts;
  std::vector<std::vector<store::Doubt>> doubts;  ///< about these suites
  std::int64_t otherwise = 0;  ///< of these, samples that were judged under other conditions
  /// Of each model what its samples lack, what that does to its rates, and what to run; often empty.
  std::vector<std::string> unjudged;
  std::set<std::string>
      unused;  ///< suites with verdicts that are asked for neither as proxy nor as gold
  std::vector<std::string> left_out;  ///< a sentence each: models of which no rate is known
};
/// Which lack of them each model has, by name; for what shows several models at once.
std::vector<std::string> unjudged_by_name(const Selected& selected);
Selected select(store::Database& database, const Selection& selection);

/// Whether the program is one that the proxy accepts and gold judges, and then whether it is right.
std::optional<bool> right_if_accepted(const store::JudgedProgram& program, const Suites& suites);
/// The first verdict of gold that is not a pass.
/// REQUIRES: right_if_accepted(program, suites) is false.
const store::StoredVerdict& caught_by(const store::JudgedProgram& program, const Suites& suites);

}  // namespace assay::analysis
