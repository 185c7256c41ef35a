// Inside the room: the families of strategies, and what they share.
#pragma once

#include "harness/search/strategy.h"

namespace assay::search {

/// Filled while a strategy goes on, so that it is there when a cap ends it.
struct Held {
  std::vector<Candidate> pool;  ///< what is finished in it counts
  std::vector<double> weights;  ///< parallel to the pool where the strategy has given some
  bool decided = false;         ///< `chosen` stands, also where it is none
  std::optional<std::size_t> chosen;
  std::optional<double> log_z;
  Trace trace;
};

bool any_open(const std::vector<Candidate>& all);

/// A step further; where it was proposed, it weighs p/q whether or not it is scored.
void move(Candidate& one, Prefix prefix);

struct Stepping {
  std::size_t first_slot = 0;  ///< of the first that is asked for
  std::uint64_t round = 0;
  bool scored = true;
  double inverse_temperature = 1;  ///< of the factors
};
/// Each open candidate from all[from] on a step further, and scored where that is wanted.
void step(Search& search, const Strategy& strategy, const Stepping& how, std::size_t from,
          std::vector<Candidate>& all);
/// Scores these as they stand.
void score(Search& search, const Strategy& strategy, const std::vector<std::size_t>& which,
           double inverse_temperature, std::vector<Candidate>& all);

/// `count` answers begun together and followed to their ends, put behind those in the pool. Scored at
/// the end, or at every step where the aggregate needs that; not at all where `scored` is false.
void complete_answers(Search& search, const Strategy& strategy, std::size_t count,
                      std::size_t first_slot, bool scored, std::vector<Candidate>& pool);

/// Particles after a filter has run: one of its own, or one whose slot 0 keeps a reference.
struct Cloud {
  std::vector<Candidate> particles;
  double log_z = 0;
  Trace trace;
};
struct Filtering {
  const Strategy& strategy;
  std::size_t count;
  std::uint64_t round = 0;
  std::size_t first_slot = 0;
  double inverse_temperature = 1;        ///< of the factors
  const Candidate* reference = nullptr;  ///< slot 0 keeps it; its prefixes may be forked
};
/// Runs the filter into `cloud`, which holds what there is where a cap ends it.
void filter(Search& search, const Filtering& how, Cloud& cloud);

/// The probability that two chains swap their references, with the inverse temperatures b and the
/// references' log factors g: min(1, exp((b_a - b_b)(g_b - g_a))) (2502.01618v4, equation 4).
double swap_probability(double inverse_a, double inverse_b, double factors_a, double factors_b);

void sampling(const Strategy& strategy, std::size_t n, Search& search, const Belief* belief,
              Held& held);
void trees(const Strategy& strategy, std::size_t n, Search& search, Held& held);
void particles(const Strategy& strategy, std::size_t n, Search& search, Held& held);

}  // namespace assay::search
