#include "harness/stats/unseen.h"

#include <fmt/format.h>
#include <cmath>

#include <algorithm>
#include <map>

#include "harness/base/error.h"
#include "harness/stats/parallel.h"

namespace assay::stats {
namespace {

// The grid of Beta(a, b): from programs that nearly all tests miss to those that nearly all catch.
// A fit to a few hundred programs leaves a and b open by more than a step.
constexpr double kLeast = 0.05, kStep = 1.35;
constexpr std::size_t kSizesA = 18, kSizesB = 30, kGrid = kSizesA * kSizesB;

double log_gamma(double x) {  // without glibc's write to the global sign: safe in threads
  int sign = 0;
  return lgamma_r(x, &sign);
}

/// log of x (x+1) ... (x+n-1)
double log_rising(double x, double n) { return log_gamma(x + n) - log_gamma(x); }

/// What one kind of wrong program (caught by so many of so many tests) adds at each grid point.
struct AtPoints {
  std::array<double, kGrid> log_chance;  ///< of being caught by so many, given that it is caught
  std::array<double, kGrid> missed;      ///< such programs missed by all, for each one caught
  std::array<double, kGrid> newly;       ///< ... of these caught by `more` other tests
};

double grid_value(std::size_t i) { return kLeast * std::pow(kStep, static_cast<double>(i)); }

/// Where p is Beta(a, b), E p^c (1-p)^(T-c) = a^(c) b^(T-c) / (a+b)^(T), with rising factorials.
void put_points(double tests, double by, double more, AtPoints& out) {
  for (std::size_t j = 0; j < kSizesB; ++j) {
    const double b = grid_value(j);
    const double none = log_rising(b, tests), none_of_more = log_rising(b, tests + more);
    const double rest = log_rising(b, tests - by);
    for (std::size_t i = 0; i < kSizesA; ++i) {
      const double a = grid_value(i), all = log_rising(a + b, tests);
      const std::size_t g = i * kSizesB + j;
      const double missed = std::exp(none - all);
      const double missed_by_more = std::exp(none_of_more - log_rising(a + b, tests + more));
      const double caught = -std::expm1(none - all);
      out.log_chance[g] = log_rising(a, by) + rest - all - std::log(caught);
      out.missed[g] = missed / caught;
      out.newly[g] = (missed - missed_by_more) / caught;
    }
  }
}

/// Per problem, what every estimate is made of, to be summed over problems.
enum Sum { kAccepted, kWrong, kOnce, kOnceT, kOnceT2, kTwiceT, kRare, kRare2, kSums };

std::array<double, kSums> sums_of(const ProblemCatches& problem) {
  std::array<double, kSums> out = {};
  out[kAccepted] = static_cast<double>(problem.accepted);
  for (const Caught& program : problem.wrong) {
    const auto w = static_cast<double>(program.samples);
    const double tests = program.tests;
    out[kWrong] += w;
    if (program.by > 2) continue;
    const double twice = 2 * w / (tests * (tests - 1));
    out[kRare] += twice;
    if (program.by == 2) {
      out[kTwiceT] += twice;
    } else {
      out[kOnce] += w;
      out[kOnceT] += w / tests;
    }
  }
  out[kOnceT2] = out[kOnceT] * out[kOnceT];
  out[kRare2] = out[kRare] * out[kRare];
  return out;
}

/// What one set of problems, real or drawn, comes to. Shares of the accepted.
enum Share { kLower, kUpper, kFdrLower, kFdrUpper, kNext, kMoreLower, kMoreUpper, kShares };

struct Fit {
  std::array<double, kShares> shares = {};
  bool bounded = true;
};

/// `missed` and `newly` as the fitted Beta has them; `at_edge`: the likelihood still grows where
/// the grid ends at programs that nearly all tests miss.
Fit estimates(const std::array<double, kSums>& sum, double missed, double newly, bool at_edge,
              double more) {
  const double right = sum[kAccepted] - sum[kWrong];
  const double pairs = std::max(0.0, sum[kOnceT] * sum[kOnceT] - sum[kOnceT2]);
  const double chao =
      pairs > 0 ? std::min(right, pairs / (sum[kTwiceT] + sum[kRare2] / sum[kRare])) : 0;
  const double upper = at_edge ? right : std::clamp(missed, chao, std::max(chao, right));
  Fit out;
  out.bounded = upper < right;
  auto& s = out.shares;
  s[kLower] = chao;
  s[kUpper] = upper;
  s[kFdrLower] = sum[kWrong] + chao;
  s[kFdrUpper] = sum[kWrong] + upper;
  s[kNext] = sum[kOnceT];
  s[kMoreLower] = chao > 0 ? -chao * std::expm1(-more * sum[kOnce] / chao) : 0;
  s[kMoreUpper] = std::clamp(newly, s[kMoreLower], upper);
  for (double& share : s) share /= sum[kAccepted];
  return out;
}

void check(const ProblemCatches& problem) {
  std::int64_t wrong = 0;
  for (const Caught& program : problem.wrong) {
    if (program.samples < 1 || program.by < 1 || program.by > program.tests || program.tests < 2)
      throw Error(
          fmt::format("a wrong program of {} samples is caught by {} of {} tests; it takes "
                      "one sample, one catch and two tests at least",
                      program.samples, program.by, program.tests));
    wrong += program.samples;
  }
  if (wrong > problem.accepted)
    throw Error(fmt::format("{} wrong samples of {} accepted ones", wrong, problem.accepted));
}

/// Per problem with catches the sums, then by grid point the log likelihood, what is missed, and what
/// more tests would newly catch.
std::vector<double> columns_of(const std::vector<const ProblemCatches*>& problems, double more) {
  constexpr std::size_t kColumns = 3 * kGrid;
  std::vector<double> out(problems.size() * kColumns);
  parallel_for(problems.size(), 0, [&](std::size_t p) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, double> alike;
    for (const Caught& program : problems[p]->wrong)
      alike[{program.tests, program.by}] += static_cast<double>(program.samples);
    double* row = out.data() + p * kColumns;
    AtPoints points;
    for (const auto& [key, samples] : alike) {
      put_points(key.first, key.second, more * key.first, points);
      for (std::size_t g = 0; g < kGrid; ++g) {
        row[g] += samples * points.log_chance[g];
        row[kGrid + g] += samples * points.missed[g];
        row[2 * kGrid + g] += samples * points.newly[g];
      }
    }
  });
  return out;
}

/// The likeliest grid point; column(g): the log likelihood there.
template <typename Column>
std::size_t likeliest(const Column& column) {
  std::size_t best = 0;
  for (std::size_t g = 1; g < kGrid; ++g)
    if (column(g) > column(best)) best = g;
  return best;
}

/// The same draws of only these problems.
Resamples of_these(const Resamples& all, const std::vector<std::size_t>& problems) {
  Resamples out{all.replicates, problems.size(), {}};
  out.weight.reserve(out.replicates * problems.size());
  for (std::size_t r = 0; r < all.replicates; ++r)
    for (const std::size_t p : problems) out.weight.push_back(all.weight[r * all.problems + p]);
  return out;
}

/// All estimates of the problems themselves, and of each replicate that has accepted samples.
struct Fits {
  Fit here;
  std::vector<Fit> drawn;
};

Fits fits(const std::vector<ProblemCatches>& problems, const UnseenOptions& options,
          const BootstrapOptions& bootstrap, std::string_view stream) {
  std::vector<double> x;
  std::vector<std::size_t> places;
  std::vector<const ProblemCatches*> with;
  std::array<double, kSums> sum = {};
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const auto sums = sums_of(problems[p]);
    x.insert(x.end(), sums.begin(), sums.end());
    for (std::size_t s = 0; s < kSums; ++s) sum[s] += sums[s];
    if (problems[p].wrong.empty()) continue;
    places.push_back(p);
    with.push_back(&problems[p]);
  }
  const std::vector<double> columns = columns_of(with, options.more);
  std::vector<double> here(3 * kGrid);
  for (std::size_t i = 0; i < columns.size(); ++i) here[i % here.size()] += columns[i];
  const std::size_t best = likeliest([&](std::size_t g) { return here[g]; });
  Fits out;
  out.here =
      estimates(sum, here[kGrid + best], here[2 * kGrid + best], best < kSizesB, options.more);

  const Resamples resamples = resample_problems(problems.size(), bootstrap, stream);
  const std::size_t replicates = resamples.replicates;
  const std::vector<double> sums = weighted_sums(resamples, x, kSums, bootstrap.threads);
  const std::vector<double> grids =
      weighted_sums(of_these(resamples, places), columns, 3 * kGrid, bootstrap.threads);
  for (std::size_t r = 0; r < replicates; ++r) {
    for (std::size_t s = 0; s < kSums; ++s) sum[s] = sums[s * replicates + r];
    if (sum[kAccepted] <= 0) continue;
    const auto at = [&](std::size_t column) { return grids[column * replicates + r]; };
    const std::size_t point = likeliest(at);
    out.drawn.push_back(estimates(sum, at(kGrid + point), at(2 * kGrid + point),
                                  point < kSizesB && sum[kWrong] > 0, options.more));
  }
  return out;
}

/// No interval where nothing varies: equal replicates say how little was seen, not how sure it is.
Estimate estimate(const Fits& fits, Share share, double level) {
  std::vector<double> values;
  for (const Fit& fit : fits.drawn) values.push_back(fit.shares[share]);
  Estimate out{fits.here.shares[share], std::nullopt};
  if (values.empty()) return out;
  const Interval interval = percentile_interval(values, level);
  if (interval.hi > interval.lo) out.interval = interval;
  return out;
}

std::size_t class_of(std::uint32_t by) { return by <= 2 ? by - 1 : by <= 5 ? 2 : by <= 10 ? 3 : 4; }

/// As `rates` has it.
Estimate fdr_of(const std::vector<ProblemCatches>& problems, double level) {
  Ratio fdr;
  for (const ProblemCatches& problem : problems) {
    double wrong = 0;
    for (const Caught& program : problem.wrong) wrong += static_cast<double>(program.samples);
    fdr.numerator.push_back(wrong);
    fdr.denominator.push_back(static_cast<double>(problem.accepted));
  }
  return ratio_estimate(fdr.numerator, fdr.denominator, fdr.range, level);
}

}  // namespace

Unseen unseen(const std::vector<ProblemCatches>& problems, const UnseenOptions& options,
              const BootstrapOptions& bootstrap, std::string_view stream) {
  if (!(options.more > 0 && options.more <= 100))
    throw Error(fmt::format("{} times as many tests more; use a number above 0, at most 100",
                            options.more));
  Unseen out;
  for (const ProblemCatches& problem : problems) {
    check(problem);
    out.problems += !problem.wrong.empty();
    out.accepted += problem.accepted;
    out.programs += static_cast<std::int64_t>(problem.wrong.size());
    for (const Caught& program : problem.wrong) {
      out.wrong += program.samples;
      out.caught_by[class_of(program.by)] += program.samples;
    }
  }
  if (out.accepted == 0) return out;
  out.fdr = fdr_of(problems, bootstrap.level);
  if (out.problems < kProblemsWithCatchesMin) return out;
  BootstrapOptions fewer = bootstrap;
  fewer.replicates = std::min(bootstrap.replicates, options.replicates_max);
  const Fits found = fits(problems, options, fewer, stream);
  const auto get = [&](Share share) { return estimate(found, share, bootstrap.level); };
  out.missed_lower = get(kLower), out.missed_upper = get(kUpper);
  out.fdr_lower = get(kFdrLower), out.fdr_upper = get(kFdrUpper);
  out.next_test = get(kNext);
  out.more_lower = get(kMoreLower), out.more_upper = get(kMoreUpper);
  out.bounded = found.here.bounded;
  return out;
}

}  // namespace assay::stats
