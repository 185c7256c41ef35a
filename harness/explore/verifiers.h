// Verifiers around verifiers: the same scores, spoiled or mended in a way that is known. What they
// are worth then is measured like that of any other.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "harness/explore/task.h"
#include "harness/stats/isotonic.h"

namespace assay::explore {

/// Knows: a prefix is worth 0 once it went wrong and 1 before, where the task can tell; of others it
/// judges finished answers only.
class Truth : public search::PrefixVerifier {
 public:
  explicit Truth(const Task& task)
      : truth_(task.truth), fault_(task.tells_prefixes ? task.fault : nullptr) {}
  search::Stage stage() const override { return search::Stage::prefixes; }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  decltype(Task::truth) truth_;
  Fault fault_;
};

/// Bounds each score's log odds: a verifier that is never more certain than that.
class Bounded : public search::PrefixVerifier {
 public:
  Bounded(search::PrefixVerifier& inner, double log_odds_max)
      : inner_(inner), log_odds_max_(log_odds_max) {}
  search::Stage stage() const override { return inner_.stage(); }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  search::PrefixVerifier& inner_;
  double log_odds_max_;
};

/// Accepts or rejects: 1 from a score on, else 0.
class Threshold : public search::PrefixVerifier {
 public:
  Threshold(search::PrefixVerifier& inner, double least) : inner_(inner), least_(least) {}
  search::Stage stage() const override { return inner_.stage(); }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  search::PrefixVerifier& inner_;
  double least_;
};

/// Adds a normal draw to each score's log odds, the same whenever the same prefix is scored.
class Noisy : public search::PrefixVerifier {
 public:
  Noisy(search::PrefixVerifier& inner, double sigma, std::uint64_t seed)
      : inner_(inner), sigma_(sigma), seed_(seed) {}
  search::Stage stage() const override { return inner_.stage(); }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  search::PrefixVerifier& inner_;
  double sigma_;
  std::uint64_t seed_;
};

/// Is fooled by a share of all errors, for as long as an answer rests on one: the error's own draw
/// decides.
class Systematic : public search::PrefixVerifier {
 public:
  static constexpr double kFooled = 0.953;  ///< the score then: log odds of 3
  Systematic(search::PrefixVerifier& inner, Fault fault, double share, std::uint64_t seed)
      : inner_(inner), fault_(std::move(fault)), share_(share), seed_(seed) {}
  search::Stage stage() const override { return inner_.stage(); }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  search::PrefixVerifier& inner_;
  Fault fault_;
  double share_;
  std::uint64_t seed_;
};

/// Says how likely an answer is right that scores so: by isotonic regression, one for finished answers
/// and one for prefixes of each length (beyond the longest seen, that one's). Where the task can tell,
/// a prefix counts as right while it may still end right; else if the answer that it became is right.
class Calibrated : public search::PrefixVerifier {
 public:
  /// Fits on `samples` plain samples of each of `calibration`'s problems. Throws assay::Error where
  /// nothing was judged, and as policy and verifier do.
  Calibrated(search::PrefixVerifier& inner, const Task& calibration, search::Policy& policy,
             int samples, std::uint64_t seed, int jobs, const std::atomic<bool>& stop);
  search::Stage stage() const override { return inner_.stage(); }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  const stats::Isotonic* fit_of(const search::Node& prefix) const;

  search::PrefixVerifier& inner_;
  std::map<int, stats::Isotonic> prefixes_;  ///< by depth
  std::optional<stats::Isotonic> answers_;
};

/// Asks once for each prefix, whoever comes to it; a score that was lost is asked for again. The ledger
/// still counts every call: a budget does not depend on luck. By the steps and not by the text alone,
/// as a verifier may score the steps.
class Cached : public search::PrefixVerifier {
 public:
  explicit Cached(search::PrefixVerifier& inner) : inner_(inner) {}
  search::Stage stage() const override { return inner_.stage(); }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 private:
  search::PrefixVerifier& inner_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, search::Score> known_;  ///< by problem, steps and end
};

}  // namespace assay::explore
