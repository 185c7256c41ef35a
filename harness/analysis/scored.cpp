#include "harness/analysis/scored.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/analysis/subjects.h"
#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/store/scores.h"

namespace assay::analysis {

namespace {

/// What is known of a program besides its scores.
struct Truth {
  bool right = false;
  std::optional<std::int64_t> behaviour;
  std::map<std::string, bool> passes;  ///< suites in a verifier's place
};
/// By problem and program; of those that gold has judged.
using Truths = std::map<std::pair<std::string, std::int64_t>, Truth>;

/// What does not even run has no answer to vote with.
bool answers(const store::JudgedProgram& program) {
  return std::none_of(program.verdicts.begin(), program.verdicts.end(), [](const auto& stored) {
    const store::Status status = stored.verdict.status;
    return status == store::Status::syntax || status == store::Status::no_entry_point ||
           status == store::Status::no_program;
  });
}

Truths truths_of(store::Database& database, const store::StoredModel& model,
                 const std::vector<std::string>& gold, const std::vector<std::string>& suites,
                 bool behaviours) {
  Truths truths;
  std::map<std::string, std::map<std::string, std::int64_t>> numbers;  // by problem
  store::for_each_program(database, model, {.witnesses = behaviours, .failing = behaviours},
                          [&](const store::JudgedProgram& program) {
                            const std::optional<bool> right = program.passes(gold);
                            if (!right) return;
                            Truth& truth = truths[{program.task_id, program.program_id}];
                            truth.right = *right;
                            for (const std::string& suite : suites)
                              if (const auto passes = program.passes({suite}))
                                truth.passes[suite] = *passes;
                            if (!behaviours || !answers(program)) return;
                            auto& known = numbers[program.task_id];
                            truth.behaviour =
                                known
                                    .try_emplace(behaviour_of(database, program, gold),
                                                 static_cast<std::int64_t>(known.size()))
                                    .first->second;
                          });
  return truths;
}

/// Joins one verifier's scores of a model's samples with what is known of their programs.
class Joined {
 public:
  Joined(store::Database& database, const store::StoredModel& model, const Suites& suites,
         const ScoredSelection& wanted, const std::vector<std::string>& judging)
      : database_(database), model_(model), suites_(suites) {
    if (!model.counts_only)
      truths_ = truths_of(database, model, suites.gold, judging, wanted.behaviours);
  }

  /// Nothing where the verifier was asked for none of the samples.
  std::optional<stats::ScoredSamples> row(const std::string& verifier, bool is_suite) const {
    stats::ScoredSamples out;
    out.dataset = model_.dataset, out.model = model_.model, out.verifier = verifier;
    out.gold = model_.counts_only ? "imported" : fmt::format("{}", fmt::join(suites_.gold, ","));
    std::string task_id;
    bool asked = false;
    store::for_each_scored(database_, model_, verifier, [&](store::ScoredSample&& sample) {
      stats::ScoredSample one;
      one.score = sample.score;
      bool here = sample.asked;
      if (sample.correct) {
        one.right = *sample.correct;
      } else {
        const auto truth = truths_.find({sample.task_id, sample.program_id});
        if (truth == truths_.end()) return;
        one.right = truth->second.right;
        one.behaviour = truth->second.behaviour;
        const auto passes = truth->second.passes.find(verifier);
        here |= is_suite && passes != truth->second.passes.end();
        if (is_suite && passes != truth->second.passes.end()) one.score = passes->second ? 1 : 0;
      }
      asked |= here;
      if (out.problems == 0 || sample.task_id != task_id) {
        task_id = std::move(sample.task_id);
        ++out.problems;
      }
      one.problem = out.problems - 1;
      out.samples.push_back(one);
    });
    if (!asked) return std::nullopt;
    return out;
  }

 private:
  store::Database& database_;
  const store::StoredModel& model_;
  const Suites& suites_;
  Truths truths_;
};

}  // namespace

ScoredModels scored_models(store::Database& database, const ScoredSelection& wanted) {
  const std::vector<std::string> known = store::verifier_names(database),
                                 suites = store::suite_names(database);
  for (const std::string& name : wanted.verifiers) {
    if (contains(known, name) || contains(suites, name)) continue;
    throw Error(
        fmt::format("--verifier {}: {} has no scores by it; it has {} (`assay import scores` takes "
                    "them in), and suites: {}",
                    name, database.path(),
                    known.empty() ? "none at all" : fmt::format("{}", fmt::join(known, ", ")),
                    suites.empty() ? "none" : fmt::format("{}", fmt::join(suites, ", "))),
        ExitCode::usage);
  }
  check_suite_names(database, wanted.selection.gold, "--gold");
  const std::vector<std::string>& names = wanted.verifiers.empty() ? known : wanted.verifiers;
  std::vector<std::string> judging;  // suites in a verifier's place
  for (const std::string& name : names)
    if (!contains(known, name)) judging.push_back(name);
  ScoredModels out;
  for (const store::StoredModel& model :
       store::stored_models(database, wanted.selection.dataset, wanted.selection.models)) {
    const Suites by = suites_for(database, model, wanted.selection);
    const Joined joined(database, model, by, wanted, judging);
    bool any = false;
    for (const std::string& name : names) {
      if (auto row = joined.row(name, contains(judging, name))) {
        out.rows.push_back(std::move(*row));
        any = true;
      }
    }
    if (!any)
      out.left_out.push_back(
          names.empty()
              ? fmt::format("{} on {}: no verifier's scores are known", model.model, model.dataset)
              : fmt::format("{} on {}: no sample that gold has judged has a score by {}",
                            model.model, model.dataset, fmt::join(names, ", ")));
  }
  return out;
}

}  // namespace assay::analysis
