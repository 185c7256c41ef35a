// The one door through which a strategy spends: it extends prefixes and has them scored, and the
// ledger counts. A search is of one problem, and each of its draws has a stream of its own, named by
// what it is for: the same seed gives the same result on any number of threads.
#pragma once

#include <string_view>
#include <vector>

#include "harness/search/ledger.h"
#include "harness/search/policy.h"
#include "harness/search/verifier.h"
#include "harness/search/weights.h"

namespace assay::search {

/// A prefix with what is known of it.
struct Candidate {
  Prefix prefix;
  std::vector<Score> scores;  ///< of each of its steps, as far as they were asked for
  double aggregate = 1;       ///< of the scores that were judged
  bool judged = false;        ///< the newest score was
  double log_weight = 0;      ///< since it was last resampled, p/q of what was proposed included
  double log_ratio = 0;       ///< p/q alone, since it was last resampled
  double log_factors = 0;     ///< of all its steps together, at temperature 1, without p/q
};

class Search {
 public:
  Search(const Problem& problem, Policy& policy, PrefixVerifier& verifier, std::uint64_t seed,
         Caps caps = {})
      : problem_(problem), policy_(policy), verifier_(verifier), ledger_(caps), seed_(seed) {}

  const Problem& problem() const { return problem_; }
  const Ledger& ledger() const { return ledger_; }
  /// Whether a step or a score was lost by a failure of ours: what follows is of this time only.
  bool lost() const { return lost_; }
  Capabilities capabilities() const { return policy_.capabilities(); }
  Prefix root();

  /// Each open prefix a step further, finished ones as they are. The draw of prefixes[i] is named by
  /// `round`, first_slot + i and the depth, so that one particle alone is a plain sample.
  /// Throws Spent, and as the policy does.
  std::vector<Prefix> extend(const std::vector<Prefix>& prefixes, std::size_t first_slot = 0,
                             std::uint64_t round = 0, bool greedy = false);
  /// As many as are left of the calls, the rest not judged, as refused ones are. Throws Spent where
  /// none is left, and as the verifier does.
  std::vector<Score> score(const std::vector<Prefix>& prefixes);
  bool scores_prefixes() const { return verifier_.stage() == Stage::prefixes; }

  RandomStream stream(std::string_view purpose, std::uint64_t round, std::uint64_t slot,
                      std::uint64_t depth) const;

 private:
  const Problem& problem_;
  Policy& policy_;
  PrefixVerifier& verifier_;
  Ledger ledger_;
  std::uint64_t seed_;
  Prefix root_;
  bool lost_ = false;
};

/// `from` a step further, with the score of that step. An unjudged one changes no aggregate and no
/// weight; a refused prefix answers nothing and weighs nothing. `inverse_temperature` is that of the factors.
Candidate advanced(const Candidate& from, Prefix prefix, const Score& score, Weighting weighting,
                   Aggregate aggregate, double inverse_temperature = 1);

}  // namespace assay::search
