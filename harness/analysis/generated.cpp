#include "harness/analysis/generated.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "harness/analysis/suite_sizes.h"
#include "harness/base/error.h"
#include "harness/store/scores.h"
#include "harness/verify/answers.h"

namespace assay::analysis {

namespace {

/// Leaves the assertions that the reference keeps.
void leave_valid(GeneratedTests& problem) {
  std::vector<std::optional<std::uint32_t>> number(problem.tests.size());
  std::vector<store::StoredAssertion> tests;
  for (std::size_t i = 0; i < problem.tests.size(); ++i) {
    if (problem.kept[i] != true) continue;
    number[i] = static_cast<std::uint32_t>(tests.size());
    tests.push_back(std::move(problem.tests[i]));
  }
  problem.tests = std::move(tests);
  problem.kept.assign(problem.tests.size(), true);
  problem.samples.tests = static_cast<std::uint32_t>(problem.tests.size());
  for (stats::SampleTests& sample : problem.samples.samples) {
    std::vector<std::uint32_t> failed;
    std::uint32_t unjudged = 0;
    for (std::size_t i = 0; i < sample.failed.size(); ++i) {
      const auto kept = number[sample.failed[i]];
      if (!kept) continue;
      failed.push_back(*kept);
      unjudged += i + sample.unjudged >= sample.failed.size();
    }
    sample.failed = std::move(failed), sample.unjudged = unjudged;
  }
}

/// The samples of one model by their consensus sets.
class ConsensusRow {
 public:
  ConsensusRow(const store::StoredModel& model, const std::string& verifier,
               const std::vector<std::string>& gold) {
    scored_.dataset = model.dataset, scored_.model = model.model, scored_.verifier = verifier;
    scored_.gold = fmt::format("{}", fmt::join(gold, ","));
  }

  void know(const GeneratedTests& problem) {
    if (problem.tests.empty()) return;
    const stats::Agreement agreement = agreement_of(problem);
    for (std::size_t i = 0; i < problem.programs.size(); ++i)
      known_[{problem.task_id, problem.programs[i]}] = {agreement.set[i], agreement.weight[i]};
  }

  void know(const store::JudgedProgram& program, bool right) {
    right_[{program.task_id, program.program_id}] = right;
  }

  /// Samples come as they do for every verifier, so that the same orders of them are tried.
  void add(const store::ScoredSample& sample) {
    const Program program{sample.task_id, sample.program_id};
    const auto right = right_.find(program);
    if (right == right_.end()) return;
    if (scored_.problems == 0 || sample.task_id != task_id_) ++scored_.problems;
    task_id_ = sample.task_id;
    stats::ScoredSample one;
    one.problem = scored_.problems - 1;
    one.right = right->second;
    one.behaviour = kNoSet;
    if (const auto found = known_.find(program); found != known_.end()) {
      one.behaviour = found->second.first;
      one.score = found->second.second;
    }
    scored_.samples.push_back(one);
  }

  const stats::ScoredSamples& scored() const { return scored_; }

 private:
  static constexpr std::int64_t kNoSet = -1;  ///< of samples without an assertion
  stats::ScoredSamples scored_;
  std::string task_id_;
  using Program = std::pair<std::string, std::int64_t>;  ///< of a problem
  /// Its set, and the weight of the assertions that it passes.
  std::map<Program, std::pair<std::int64_t, double>> known_;
  std::map<Program, bool> right_;  ///< of those that gold has judged
};

}  // namespace

std::vector<GeneratedTests> generated_tests(store::Database& database,
                                            const store::StoredModel& model,
                                            const std::string& suite,
                                            const std::vector<std::string>& gold, bool valid) {
  std::map<std::string, GeneratedTests> known;
  for (store::StoredAssertions& stored : store::assertions_of(database, model.dataset_id, suite)) {
    GeneratedTests& problem = known[stored.task_id];
    problem.task_id = problem.samples.task_id = stored.task_id;
    problem.tests = std::move(stored.assertions);
    problem.samples.tests = static_cast<std::uint32_t>(problem.tests.size());
    problem.kept.resize(problem.tests.size());
    const auto learnt = store::find_reference_run(
        database, store::reference_key(stored.suite_hash, model.interpreter));
    if (!learnt || !learnt->trouble.empty()) continue;
    problem.kept = verify::truths(learnt->chunks);
    problem.kept.resize(problem.tests.size());
  }
  std::vector<GeneratedTests> out;
  store::for_each_program(
      database, model, {.failing = true}, [&](const store::JudgedProgram& program) {
        const store::StoredVerdict* stored = program.verdict(suite);
        const auto found = known.find(program.task_id);
        if (!stored || stored->verdict.status == store::Status::missing || found == known.end())
          return;
        if (out.empty() || out.back().task_id != program.task_id)
          out.push_back(std::move(found->second));
        GeneratedTests& problem = out.back();
        const std::optional<bool> right = program.passes(gold);
        const auto copies = static_cast<std::size_t>(program.samples);
        const std::int64_t unjudged = stored->tests - stored->verdict.judged;
        problem.samples.samples.insert(
            problem.samples.samples.end(), copies,
            {failed_tests(database, *stored), right == true,
             stored->verdict.status == store::Status::pass ? 0u
                                                           : static_cast<std::uint32_t>(unjudged)});
        problem.programs.insert(problem.programs.end(), copies, program.program_id);
        problem.right.insert(problem.right.end(), copies, right);
      });
  if (valid) std::for_each(out.begin(), out.end(), leave_valid);
  return out;
}

std::vector<std::string> scores_of_tests(const std::string& suite) {
  std::vector<std::string> out;
  for (const char* of : {"", kValid})
    for (const char* kind : {kShare, kCodet}) out.push_back(suite + of + kind);
  return out;
}

stats::Agreement agreement_of(const GeneratedTests& problem) {
  std::vector<double> weights;
  for (const store::StoredAssertion& test : problem.tests) weights.push_back(test.weight);
  return stats::agreement(problem.samples, weights);
}

ScoredModels consensus_models(store::Database& database, const Selection& selection) {
  std::string suite = selection.proxy.front();
  const bool valid = suite.ends_with(kValid);
  if (valid) suite.resize(suite.size() - std::string_view(kValid).size());
  ScoredModels out;
  bool known = false;
  for (const store::StoredModel& model :
       store::stored_models(database, selection.dataset, selection.models)) {
    if (store::assertions_of(database, model.dataset_id, suite).empty()) continue;
    known = true;
    const std::vector<std::string> gold = suites_for(database, model, selection).gold;
    ConsensusRow row(model, selection.proxy.front(), gold);
    for (const GeneratedTests& problem : generated_tests(database, model, suite, gold, valid))
      row.know(problem);
    store::for_each_program(database, model, {}, [&](const store::JudgedProgram& program) {
      if (const std::optional<bool> right = program.passes(gold)) row.know(program, *right);
    });
    store::for_each_scored(database, model, suite,
                           [&](const store::ScoredSample& sample) { row.add(sample); });
    if (row.scored().samples.empty())
      out.left_out.push_back(
          fmt::format("{} on {}: no sample has a verdict of gold", model.model, model.dataset));
    else
      out.rows.push_back(row.scored());
  }
  if (!known)
    throw Error(fmt::format("--proxy {}: {} has no assertions of this name; `assay tests` judges "
                            "samples by some",
                            selection.proxy.front(), database.path()),
                ExitCode::usage);
  return out;
}

stats::SuiteSize rates_by_number(const std::vector<GeneratedTests>& problems,
                                 const stats::BootstrapOptions& bootstrap) {
  std::vector<stats::ProblemTests> judged;
  std::uint32_t most = 0;
  for (const GeneratedTests& problem : problems) {
    stats::ProblemTests one{problem.task_id, problem.samples.tests, {}};
    for (std::size_t i = 0; i < problem.right.size(); ++i)
      if (problem.right[i]) one.samples.push_back(problem.samples.samples[i]);
    if (one.tests == 0 || one.samples.empty()) continue;
    most = std::max(most, one.tests);
    judged.push_back(std::move(one));
  }
  stats::SuiteSizeOptions options;
  options.tests = sizes_up_to(most);
  options.k = 1;
  if (judged.empty()) options.tests.clear();
  return stats::suite_size(judged, options, bootstrap);
}

}  // namespace assay::analysis
