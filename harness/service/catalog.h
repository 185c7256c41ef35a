// What questions are about: problems of the served datasets, and problems that a question brings along,
// each with its verifiers, made ready once and kept while it is asked about (the least recently asked go
// first).
//
// Errors: assay::Error in one sentence for what is not served. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/problem.h"
#include "harness/run/task.h"
#include "harness/verify/verifier.h"

namespace assay::service {

/// A suite of a problem and its verifier at work. Thread-safe.
class TargetSuite {
 public:
  using Make = std::function<std::shared_ptr<run::SuiteWork>()>;
  TargetSuite(std::string name, std::string hash, std::int64_t tests, Make make);
  const std::string name, hash;
  const std::int64_t tests;

  std::shared_ptr<run::SuiteWork> work();
  /// `spoilt` failed for trouble of ours: who comes next begins anew.
  void renew(const std::shared_ptr<run::SuiteWork>& spoilt);

 private:
  const Make make_;
  std::mutex mutex_;
  std::shared_ptr<run::SuiteWork> work_;
};

/// A problem to be judged by. Immutable but for its verifiers; outlives the catalogue where it is held.
struct Target {
  std::string dataset;  ///< empty: the question's own
  std::string key;      ///< its identity among all targets
  std::shared_ptr<const datasets::Problem> problem;
  std::vector<std::shared_ptr<TargetSuite>> suites;  ///< in the order they are judged
};

class Catalog {
 public:
  Catalog(std::vector<std::shared_ptr<const datasets::Dataset>> datasets, verify::Demands demands);

  const std::vector<std::shared_ptr<const datasets::Dataset>>& datasets() const {
    return datasets_;
  }
  /// A problem of the dataset of that name; the empty name stands for the only one that is served.
  std::shared_ptr<const Target> find(const std::string& dataset, const std::string& task_id);
  /// A problem that a question brings along, known by the hash of its text.
  std::shared_ptr<const Target> own(const std::string& hash, datasets::Problem problem);
  /// The same where it was asked about before, else null.
  std::shared_ptr<const Target> known(const std::string& hash);

 private:
  std::shared_ptr<const Target> kept(const std::string& key);
  std::shared_ptr<const Target> make(std::string dataset, std::string key,
                                     std::shared_ptr<const datasets::Problem> problem);

  const std::vector<std::shared_ptr<const datasets::Dataset>> datasets_;
  std::vector<datasets::ProblemIndex> indices_;
  const verify::Demands demands_;
  std::mutex mutex_;
  std::list<std::shared_ptr<const Target>> newest_first_;
  std::unordered_map<std::string, std::list<std::shared_ptr<const Target>>::iterator> by_key_;
};

/// Indices of the target's suites that are asked for, in its order: those named; where none is, all but
/// `official`, and that where it is alone. Throws Error for a name that it lacks.
std::vector<std::size_t> chosen_suites(const Target& target, const std::vector<std::string>& names);

}  // namespace assay::service
