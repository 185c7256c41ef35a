// Strategies tried on a task: here, and only here, the truth is joined to what a search has answered.
// Each (problem, replicate, strategy, n) has streams of its own, so the same seed gives the same
// answers on any number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/explore/task.h"
#include "harness/search/strategy.h"

namespace assay::explore {

/// The caller has asked for an end.
struct Interrupted {};

struct Plan {
  std::vector<search::Strategy> strategies;
  std::vector<int> n;  ///< budgets in generations, ascending
  int repeats = 1;
  std::uint64_t seed = 1;
  search::Caps caps;
  int jobs = 1;
  double accepts_at = 0.5;  ///< a chosen answer counts as accepted from this score on
  /// By strategy, for those that need one (`rational`); may be shorter.
  std::vector<std::optional<search::Belief>> beliefs;
};

/// What one strategy answered once.
struct Answer {
  std::size_t problem = 0, strategy = 0;
  int n = 0, replicate = 0;
  bool abstained = false, spent = false;
  bool judged = false, accepted = false;  ///< by the verifier
  bool lost = false;                      ///< a failure of ours had a part in it: not to be kept
  double truth = 0;                       ///< 0 where it abstained
  std::string answer;
  std::int64_t generations = 0, tokens = 0, tokens_read = 0, tokens_scored = 0, calls = 0;
  std::optional<double> log_z;
  std::vector<double> effective_size;
  std::vector<std::size_t> ancestors;
};

/// A plain sample with what the verifier says after each of its steps.
struct Sampled {
  std::size_t problem = 0;
  double truth = 0;
  std::vector<search::Score> scores;  ///< the last is that of the answer
  search::Prefix answer;
  bool lost = false;  ///< a failure of ours had a part in it: not to be kept
};

/// Keeps what was answered, so that the same search again goes on where it was ended. Called by one
/// thread at a time.
class Memory {
 public:
  virtual ~Memory() = default;
  /// Fills in what `cell` (its problem, strategy, n and replicate) answered; false: not known.
  virtual bool recall(Answer& cell) = 0;
  virtual void keep(const std::vector<Answer>& answers) = 0;  ///< of one problem
  /// The scores and truths of the first `samples` plain samples of a problem; empty: not known.
  virtual std::vector<Sampled> recall_samples(std::size_t problem, int samples) = 0;
  virtual void keep_samples(std::size_t problem, std::span<const Sampled> samples) = 0;
};

/// Where policy and verifier can be used by several threads at once, `jobs` may be more than 1.
class Experiment {
 public:
  /// `proposed`, where there is one, is whom strategies with weights draw from instead of `policy`: a
  /// search::Proposed of it.
  Experiment(const Task& task, search::Policy& policy, search::PrefixVerifier& verifier,
             search::Policy* proposed = nullptr)
      : task_(task), policy_(policy), verifier_(verifier), proposed_(proposed) {}

  /// All answers, by problem, replicate, strategy and n. `told` hears how many of how many problems
  /// are done, on the caller's thread's behalf, one at a time. Throws as policy and verifier do, and
  /// Interrupted where `stop` was set.
  std::vector<Answer> run(const Plan& plan, const std::atomic<bool>& stop,
                          const std::function<void(std::int64_t, std::int64_t)>& told,
                          Memory* memory = nullptr);
  /// `samples` plain samples of each problem, on streams that no strategy uses: for fidelity and for
  /// what is foretold. Those that `memory` recalls have no `answer`.
  std::vector<Sampled> sample(int samples, std::uint64_t seed, int jobs,
                              const std::atomic<bool>& stop, Memory* memory = nullptr);

 private:
  void answer(const Plan& plan, Answer& cell);
  void sample_problem(std::size_t i, std::uint64_t seed, std::span<Sampled> out);

  const Task& task_;
  search::Policy& policy_;
  search::PrefixVerifier& verifier_;
  search::Policy* proposed_;
};

/// The score by which `strategy` takes a plain sample or leaves it: those of its steps that were judged, as
/// the strategy aggregates them; none where its end was not judged.
std::optional<double> standing(const search::Strategy& strategy, const Sampled& sample);

/// What `rational` is to believe: for each problem of `samples`, the share of its samples that
/// `strategy` would accept and that are right, and wrong. REQUIRES: not empty.
search::Belief belief_of(const search::Strategy& strategy, const std::vector<Sampled>& samples);

}  // namespace assay::explore
