// The cells of a run (program x suite): which of the benchmark's suites and problems are asked for,
// and what of them the database does not know yet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/options.h"
#include "harness/run/task.h"
#include "harness/run/work.h"
#include "harness/store/slow.h"

namespace assay::run {

class Cells {
 public:
  struct Suite {
    std::string name, hash;
    std::int64_t id = 0;
  };

  /// Chooses suites and problems. Throws Error for a --suite or --task that the dataset lacks.
  /// Keeps references to all three.
  Cells(store::Database& database, const datasets::Dataset& dataset, const Options& options);

  /// Those that are judged, in that order.
  const std::vector<std::string>& suite_names() const { return suite_names_; }

  /// Puts the dataset with its problems and suites into the database.
  void put();
  std::int64_t dataset_id() const { return dataset_id_; }
  const std::vector<std::int64_t>& problem_ids() const { return problem_ids_; }
  const Suite& suite(std::size_t problem, std::size_t suite) const {
    return suites_[problem][suite];
  }

  /// What the samples of these models are judged under; the rest works after this.
  void choose(std::vector<std::int64_t> model_ids, std::int64_t condition_id,
              std::string interpreter);

  struct Count {
    std::int64_t asked = 0;     ///< (sample, suite) pairs
    std::int64_t shared = 0;    ///< ... that share the verdict of an identical program
    std::int64_t distinct = 0;  ///< (program, suite) pairs
    std::int64_t suites = 0;    ///< of the problems asked for
    std::int64_t pending = 0;   ///< ... not judged yet
    std::int64_t decided = 0;   ///< ... without a verdict, which no rate needs
    std::int64_t references =
        0;  ///< to be run before, known neither here nor in Options::references
  };
  Count count() const;
  /// Why there is nothing to judge, where count().asked is 0.
  std::string why_none(const samples::Ingested& samples) const;

  /// Problems by the bytes of their inputs, so that no worker is left alone with a long one at the
  /// end.
  std::vector<std::size_t> longest_first() const;
  /// The tasks of one problem, without their work and programs; cells already judged are left out.
  std::vector<Task> tasks(std::size_t problem) const;
  /// One that needs no program: the references of a problem.
  Task references(std::size_t problem) const;
  /// With so many times the limits of time.
  std::shared_ptr<ProblemWork> work(std::size_t problem, double times = 1) const;
  /// Of one problem, what some suite accepts and others reject only for the time it takes: the
  /// cells to be judged with more of it that are not among `known`.
  std::vector<Task> slow_tasks(std::size_t problem, const store::SlowVerdicts& known) const;
  /// A cell that is to be judged again, or was deferred, as part of a task.
  Task::Cell again(const CellKey& key) const;

 private:
  std::optional<store::ReferenceRun> find_reference(const std::string& key) const;
  bool has_reference(const std::string& key) const;
  void choose_suites();
  void choose_problems();
  bool decides(const std::string& suite_name) const;
  verify::Scope demanded_scope(const std::string& suite_name) const;

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const Options& options_;
  std::vector<std::string> suite_names_;  ///< in the order they are judged
  std::string proxy_;                     ///< the first but for `official`
  std::vector<bool> chosen_;              ///< per problem: --task wants it
  std::int64_t dataset_id_ = 0;
  std::vector<std::int64_t> problem_ids_;
  std::vector<std::vector<Suite>> suites_;  ///< per problem
  std::vector<std::int64_t> model_ids_;
  std::int64_t condition_id_ = 0;
  std::string interpreter_;
};

}  // namespace assay::run
