#include "harness/stats/suite_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/counts.h"

namespace assay::stats {
namespace {

void check(const ProblemTests& problem) {
  const auto refuse = [&](const char* why) {
    throw Error(fmt::format("problem {}: {}", problem.task_id, why));
  };
  if (problem.samples.empty()) refuse("it has no samples; leave it out");
  for (const SampleTests& s : problem.samples) {
    if (s.copies < 1) refuse("a sample is there less than once");
    if (!std::is_sorted(s.failed.begin(), s.failed.end(), std::less_equal<>()))
      refuse("a sample's failed tests must be in order, each once");
    if (!s.failed.empty() && s.failed.back() >= problem.tests)
      refuse("a failed test has a number beyond the suite");
  }
}

/// Expected cells of one problem under a random suite of `drawn` tests, as shares of its samples.
/// What the suite does not change (right, wrong) is the same to the last bit for every suite, and
/// so is a share that is all or nothing.
struct Cells {
  double tp = 0, fp = 0, fn = 0, accepted = 0;
  double right = 0, wrong = 0;
};

Cells expected_cells(const ProblemTests& problem, std::uint32_t drawn) {
  double tp = 0, fp = 0, right = 0;  // samples
  for (const SampleTests& s : problem.samples) {
    const auto copies = static_cast<double>(s.copies);
    (s.correct ? tp : fp) +=
        copies *
        acceptance_probability(problem.tests, static_cast<std::uint32_t>(s.failed.size()), drawn);
    right += s.correct ? copies : 0;
  }
  const auto samples = static_cast<double>(problem.n());
  return {tp / samples,        fp / samples,    (right - tp) / samples,
          (tp + fp) / samples, right / samples, (samples - right) / samples};
}

/// A subset of `drawn` of `tests` tests as flags, by a partial shuffle of `order`.
void draw_subset(std::vector<std::uint32_t>& order, std::uint32_t drawn, RandomStream& random,
                 std::vector<char>& chosen) {
  std::fill(chosen.begin(), chosen.end(), 0);
  for (std::uint32_t i = 0; i < drawn; ++i) {
    const auto left = static_cast<std::uint32_t>(order.size()) - i;
    std::swap(order[i], order[i + random.below(left)]);
    chosen[order[i]] = 1;
  }
}

Counts judged_by(const ProblemTests& problem, const std::vector<char>& chosen) {
  Counts counts;
  for (const SampleTests& s : problem.samples) {
    const bool rejected = std::any_of(s.failed.begin(), s.failed.end(),
                                      [&](std::uint32_t test) { return chosen[test] != 0; });
    (rejected ? (s.correct ? counts.fn : counts.tn) : (s.correct ? counts.tp : counts.fp)) +=
        s.copies;
  }
  return counts;
}

/// TP_K of one problem, as stats/curves.h has it, of one K alone.
double tp_within(const Counts& counts, int k) {
  const auto n = static_cast<double>(counts.n()), m = static_cast<double>(counts.accepted());
  if (m == 0) return 0;
  double tail = 1, accepted = 0;
  for (int drawn = 0; drawn < k; ++drawn) {
    const double left = n - drawn;
    accepted += tail * m / left;
    tail *= std::max(0.0, left - m) / left;
  }
  return static_cast<double>(counts.tp) / m * accepted;
}

/// Mean TP_K of one problem over random suites shared by its samples.
double shared_suite_tp(const ProblemTests& problem, std::uint32_t drawn, int k, int subsets,
                       RandomStream& random) {
  const auto tp = [&](const std::vector<char>& chosen) {
    return tp_within(judged_by(problem, chosen), k);
  };
  std::vector<char> chosen(problem.tests, 1);
  if (drawn >= problem.tests) return tp(chosen);
  std::vector<std::uint32_t> order(problem.tests);
  std::iota(order.begin(), order.end(), 0u);
  double sum = 0;
  for (int i = 0; i < subsets; ++i) {
    draw_subset(order, drawn, random, chosen);
    sum += tp(chosen);
  }
  return sum / subsets;
}

/// Ratios of one size but TP_K, in the order in which `suite_size` takes them.
std::vector<Ratio> ratios_of(const std::vector<Cells>& cells) {
  const auto ratio = [&](auto numerator, auto denominator) {
    Ratio r;
    for (const Cells& c : cells) {
      r.numerator.push_back(numerator(c));
      r.denominator.push_back(denominator(c));
    }
    return r;
  };
  const auto one = [](const Cells&) { return 1.0; };
  const auto fp = [](const Cells& c) { return c.fp; };
  const auto accepted = [](const Cells& c) { return c.accepted; };
  return {ratio(accepted, one), ratio(fp, accepted),
          ratio(fp, [](const Cells& c) { return c.wrong; }), ratio(fp, one),
          ratio([](const Cells& c) { return c.fn; }, [](const Cells& c) { return c.right; })};
}

}  // namespace

std::int64_t ProblemTests::n() const {
  return std::accumulate(samples.begin(), samples.end(), std::int64_t{0},
                         [](std::int64_t sum, const SampleTests& s) { return sum + s.copies; });
}

double acceptance_probability(std::uint32_t tests, std::uint32_t failed, std::uint32_t drawn) {
  double accepted = 1;
  drawn = std::min(drawn, tests);
  for (std::uint32_t i = 0; i < failed && accepted > 0; ++i) {
    const double left = static_cast<double>(tests) - i;
    accepted *= std::max(0.0, left - drawn) / left;
  }
  return accepted;
}

SuiteSize suite_size(const std::vector<ProblemTests>& problems, const SuiteSizeOptions& options,
                     const BootstrapOptions& bootstrap) {
  for (const ProblemTests& p : problems) check(p);
  if (options.subsets < 1) throw Error("the number of random suites must be at least 1");
  SuiteSize out;
  out.k = options.k;
  if (problems.empty()) return out;
  check(bootstrap);
  const bool enough = std::all_of(problems.begin(), problems.end(),
                                  [&](const ProblemTests& p) { return options.k <= p.n(); });
  std::vector<Ratio> ratios;  // of all sizes
  for (int t : options.tests) {
    if (t < 1)
      throw Error(fmt::format("a suite of {} tests has no meaning: ask for at least 1", t));
    const std::uint32_t drawn = static_cast<std::uint32_t>(t);
    std::vector<Cells> cells;
    for (const ProblemTests& p : problems) cells.push_back(expected_cells(p, drawn));
    out.tests.push_back(t);
    for (Ratio& r : ratios_of(cells)) ratios.push_back(std::move(r));
    if (!enough) continue;
    Ratio tp;
    for (std::size_t i = 0; i < problems.size(); ++i) {
      RandomStream random(bootstrap.seed, fmt::format("{} {}", problems[i].task_id, t));
      // For one draw every sample may meet its own suite: the expectation is exact.
      tp.numerator.push_back(
          options.k == 1 ? cells[i].tp
                         : shared_suite_tp(problems[i], drawn, options.k, options.subsets, random));
      tp.denominator.push_back(1);
    }
    ratios.push_back(std::move(tp));
  }
  const std::vector<Estimate> got = ratio_estimates(ratios, bootstrap.level);
  for (auto next = got.begin(); next != got.end();) {
    for (std::vector<Estimate>* of : {&out.acceptance, &out.fdr, &out.fpr, &out.fp_mass, &out.fnr})
      of->push_back(*next++);
    out.tp_at_k.push_back(enough ? *next++ : Estimate{});
  }
  return out;
}

}  // namespace assay::stats
