// Ways to spend test-time compute on a problem: each draws from the policy, asks the verifier and
// gives one answer, or none. They know neither the truth nor what policy and verifier are made of.
//
// `n` is the budget in generations: particles, beams, samples. Sources: arXiv 2502.01618 (particle
// filter, particle Gibbs, parallel tempering; the swap rule is that of its v4, equation 4), arXiv
// 2408.03314 (beam, DVTS as search-and-learn does them), 2503.21878 (pessimism), 2411.17501 (first
// accepted).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/search/search.h"

namespace assay::search {

enum class Kind {
  greedy,
  sample,
  majority,
  best_of,
  weighted_best_of,
  rejection,
  beam,
  dvts,
  particle,
  entropic_particle,
  gibbs,
  tempering,
  pessimism,
  soft_best_of,
  first_accepted,
  rational,
};

/// How one answer is taken at the end; it has nothing to do with resampling.
enum class Choice {
  argmax,  ///< the best final score; ties are drawn
  vote,    ///< the answer with the most weight; ties are drawn
  draw,    ///< a draw by weight
};

/// What is known of the chance that a draw is accepted and right, or accepted and wrong, before the
/// problem is tried: equally likely pairs, from problems that are not judged here.
struct Belief {
  std::vector<double> accepted_right, accepted_wrong;
};

struct Strategy {
  Kind kind = Kind::sample;
  Weighting weighting = Weighting::odds;
  Aggregate aggregate = Aggregate::last;
  Resampling resampling = Resampling::multinomial;
  double ess = 1;  ///< resampled where the effective size is at most this share of the particles
  Choice choose = Choice::argmax;
  int width = 4;           ///< beam, dvts: extensions of each prefix that is kept
  int sweeps = 4;          ///< gibbs, tempering
  int chains = 4;          ///< tempering; chain k has temperature 2^k
  double threshold = 0.5;  ///< first_accepted, rational: what is accepted
  double beta = 0.1;       ///< pessimism and soft_best_of: the strength of the regularisation
  double cost = 0.01;      ///< rational: of a draw, where a right answer is worth 1
  double lambda = 1;       ///< rational: of an accepted wrong answer
  std::string name;        ///< as it was written
};

/// "particle", "particle[weights=odds,choose=vote]", "beam[width=8]". Throws assay::Error that names
/// what is not known and what is.
Strategy parse_strategy(const std::string& text);
/// The names, as parse_strategy reads them.
const std::vector<std::pair<std::string, Kind>>& strategy_names();

/// Whether its draws have weights, so that they may come from a proposal (proposal.h).
bool weighs(Kind kind);

/// Throws assay::Error where the policy lacks what the strategy needs.
void check_served(const Strategy& strategy, const Capabilities& policy);

/// What went on, step by step.
struct Trace {
  std::vector<double> effective_size;  ///< of the weights after each step
  std::vector<std::size_t> ancestors;  ///< distinct first steps that still have offspring
};

struct Result {
  std::optional<Candidate> chosen;  ///< none: it abstains
  std::vector<Candidate> pool;      ///< what it held at the end
  bool spent = false;               ///< a cap ended it
  std::optional<double> log_z;      ///< particle methods: the log of the unnormalised estimate of 1
  Trace trace;
};

/// Runs one strategy. Throws as policy and verifier do, and assay::Error where the policy lacks what
/// the strategy needs.
Result run(const Strategy& strategy, int n, Search& search, const Belief* belief = nullptr);

/// Which of the candidates is taken; none where there is none. Weights of at least 0, parallel to the
/// pool. Candidates that were not judged have no best score.
std::optional<std::size_t> choose(Choice choice, const std::vector<Candidate>& pool,
                                  const std::vector<double>& weights, const Problem& problem,
                                  RandomStream& stream);

/// lambda such that the mean of max(0, r - lambda) is beta (arXiv 2503.21878): the weights of
/// pessimism are max(0, r - lambda). REQUIRES: not empty, beta > 0, weights sum to 1.
double pessimistic_level(const std::vector<double>& scores, const std::vector<double>& weights,
                         double beta);

}  // namespace assay::search
