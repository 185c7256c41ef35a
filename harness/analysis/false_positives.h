// The programs that the proxy accepted and gold did not, with what shows each one's fault.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/analysis/style.h"
#include "harness/store/tally.h"

namespace assay::analysis {

struct Copies {
  std::string model;
  std::int64_t count = 0;
};

/// A distinct wrong program that the proxy accepted.
struct FalsePositive {
  std::string dataset, task_id, source;
  std::vector<Copies> copies;  ///< samples with exactly this text, per model
  std::string kind;            ///< the gold verdict's status: fail, error, timeout, tampered, ...
  std::string suite;           ///< the suite that caught it
  std::string message;         ///< exception or signal; may be empty
  std::optional<std::int64_t> test;  ///< the witness's index in that suite
  std::string input, expected, actual;
  std::int64_t tests_failed = 0, tests_judged = 0;  ///< of the suite that caught it
  bool all_judged = false;      ///< every test of it was run, so tests_failed is the whole count
  std::string nearest_correct;  ///< source of the nearest correct program; empty: there is none
  bool nearest_capped = false;  ///< too long or too many to compare all: another may be nearer
};
/// Samples over all models.
std::int64_t copies_of(const FalsePositive& program);

/// Collects the accepted programs model by model, then lists the wrong ones.
class AcceptedPrograms {
 public:
  /// Takes the programs of a group of `model`, with its members, if they were accepted. `model` must
  /// outlive this.
  void add(const store::StoredModel& model, const Suites& suites, const store::Tally::Group& group);

  /// Each distinct wrong program of a problem, in the order of problems, most copies first; of more than
  /// `max` those with most copies (0: all). `step` is called after each problem, from one thread at a time;
  /// what it throws ends the work.
  std::vector<FalsePositive> false_positives(store::Database& database, std::size_t max,
                                             const std::function<void()>& step) const;
  /// Distinct ones.
  std::int64_t wrong_programs() const;
  /// Wrong samples by what gold said, by dataset and model.
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::int64_t>> wrong_kinds()
      const;

  /// All accepted ones, model by model.
  const std::vector<AcceptedProgram>& all() const { return all_; }
  std::size_t problems() const;

 private:
  struct Wrong {
    const store::StoredModel* model = nullptr;  ///< under whose condition it is shown
    std::string suite, kind;                    ///< that caught it, and what it said
    std::vector<Copies> copies;
  };
  struct Problem {
    std::int64_t id = 0;
    std::vector<std::int64_t> correct;    ///< program ids; some come more than once
    std::map<std::int64_t, Wrong> wrong;  ///< by program id
  };
  using Place = std::pair<const std::string, Problem>;  ///< task id
  struct Listed {
    const Place* place = nullptr;
    std::vector<std::int64_t> wrong;  ///< most copies first
  };
  std::vector<Listed> listed(std::size_t max) const;

  std::vector<AcceptedProgram> all_;
  std::map<std::string, std::map<std::string, Problem>> problems_;  ///< by dataset and task id
  std::map<std::string, std::vector<const Place*>> order_;          ///< of a dataset, as they came
};

}  // namespace assay::analysis
