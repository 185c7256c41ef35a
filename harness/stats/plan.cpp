#include "harness/stats/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace assay::stats {
namespace {

constexpr int kReplicates = 400;

/// What of a problem's samples is counted, and among which.
struct Parts {
  double numerator = 0, denominator = 0, both_n = 0;
};

struct Rate {
  const char* name;
  Parts (*of)(const Counts&);
};
double real(std::int64_t count) { return static_cast<double>(count); }
/// A sample that is counted is always one of those among which it is.
const Rate kRates[] = {{"accuracy",
                        [](const Counts& c) {
                          return Parts{real(c.correct()), real(c.n()), real(c.n())};
                        }},
                       {"acceptance",
                        [](const Counts& c) {
                          return Parts{real(c.accepted()), real(c.n()), real(c.n())};
                        }},
                       {"fp_mass",
                        [](const Counts& c) {
                          return Parts{real(c.fp), real(c.n()), real(c.n())};
                        }},
                       {"fdr",
                        [](const Counts& c) {
                          return Parts{real(c.fp), real(c.accepted()), real(c.n())};
                        }},
                       {"fpr",
                        [](const Counts& c) {
                          return Parts{real(c.fp), real(c.fp + c.tn), real(c.n())};
                        }},
                       {"fnr", [](const Counts& c) {
                          return Parts{real(c.fn), real(c.correct()), real(c.n())};
                        }}};

/// What a plan is made from.
struct Components {
  Estimate now;
  double between = 0, mean_denominator = 0;
  std::optional<double> within;
  double problems = 0;
  std::size_t counted = 0;  ///< problems where the rate is defined
};

Components components(const std::vector<Parts>& parts, double level) {
  Components out;
  out.problems = static_cast<double>(parts.size());
  std::vector<double> numerator, denominator;
  for (const Parts& one : parts) {
    numerator.push_back(one.numerator / one.both_n);
    denominator.push_back(one.denominator / one.both_n);
    out.mean_denominator += denominator.back() / out.problems;
    out.counted += one.denominator > 0;
  }
  out.now = ratio_estimate(numerator, denominator, {0, 1}, level);
  if (!out.now.basis) return out;
  const double rate = *out.now.value, count = out.problems;
  double squares = 0, within = 0, noise = 0;
  std::size_t repeated = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double pull = numerator[i] - rate * denominator[i];  // their mean is 0
    squares += pull * pull;
    if (parts[i].both_n < 2) continue;
    // z is 1 - R of what is counted, -R of the rest of those among which it is, and 0 of the others.
    const double mean_square =
        numerator[i] * (1 - rate) * (1 - rate) + (denominator[i] - numerator[i]) * rate * rate;
    within += (mean_square - pull * pull) * parts[i].both_n / (parts[i].both_n - 1);
    ++repeated;
  }
  out.between = squares / (count - 1);
  if (repeated == 0) return out;
  out.within = std::max(0.0, within / static_cast<double>(repeated));
  for (const Parts& one : parts) noise += *out.within / one.both_n / count;
  out.between = std::max(0.0, out.between - noise);
  return out;
}

double width_with(const Components& from, double problems, std::optional<double> samples,
                  double level) {
  Basis basis;
  basis.error =
      std::sqrt((from.between + (samples ? from.within.value_or(0) / *samples : 0)) / problems) /
      from.mean_denominator;
  basis.effective = std::max(2.0, 1 + (from.now.basis->effective - 1) * problems / from.problems);
  const Interval interval = t_interval(*from.now.value, basis, {0, 1}, level);
  return interval.hi - interval.lo;
}

/// The least number from 2 on that is narrow enough; narrower ones are all above it.
template <typename Width>
std::optional<std::int64_t> least(std::int64_t most, double width, Width of) {
  if (of(static_cast<double>(most)) > width) return std::nullopt;
  std::int64_t low = 0, high = most;  // `high` is enough
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (of(static_cast<double>(middle)) <= width ? high : low) = middle;
  }
  return high;
}

std::optional<std::int64_t> problems_for(const Components& from, double samples,
                                         const PlanOptions& options) {
  const auto found = least(kPlannedProblemsMax, options.width, [&](double problems) {
    return problems < 2 ? INFINITY : width_with(from, problems, samples, options.level);
  });
  return found;
}

void check(const PlanOptions& options) {
  if (!(options.width > 0 && options.width < 1))
    throw Error(fmt::format("--width {}: it is that of an interval within 0 and 1", options.width),
                ExitCode::usage);
  if (options.samples.empty() ||
      *std::min_element(options.samples.begin(), options.samples.end()) < 1)
    throw Error("--samples: numbers of samples a problem, from 1 on", ExitCode::usage);
}

const Rate& rate_named(const std::string& name) {
  for (const Rate& rate : kRates)
    if (name == rate.name) return rate;
  throw Error(fmt::format("--rate {}: there is {}", name, fmt::join(planned_rates(), ", ")),
              ExitCode::usage);
}

}  // namespace

const std::vector<std::string>& planned_rates() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Rate& rate : kRates) out.emplace_back(rate.name);
    return out;
  }();
  return names;
}

Plan plan(const ModelCounts& counts, const std::string& name, const PlanOptions& options) {
  check(options);
  const Rate& rate = rate_named(name);
  std::vector<Parts> parts;
  for (const Counts& one : counts.problems) parts.push_back(rate.of(one));
  Plan out;
  out.rate = name;
  out.problems = static_cast<std::int64_t>(parts.size());
  const Components now = components(parts, options.level);
  out.now = now.now;
  if (!now.now.value) {
    out.notes.emplace_back("no sample counts for it: there is nothing to plan from");
    return out;
  }
  if (now.now.interval) out.width = now.now.interval->hi - now.now.interval->lo;
  if (!now.now.basis) {
    if (now.counted < 2) {
      out.notes.emplace_back("one problem counts for it: a plan needs at least two");
      return out;
    }
    // Whatever the samples: the bound of agreed_interval has width 1 - alpha^(1/G).
    const auto problems = static_cast<std::int64_t>(
        std::ceil(std::log(1 - options.level) / std::log(1 - options.width)));
    for (const int samples : options.samples)
      out.rows.push_back(
          {samples, problems, std::nullopt, zero_event_bound(parts.size(), options.level)});
    out.notes.emplace_back(
        "all problems agree: planned as if they went on so, and more samples narrow nothing");
    return out;
  }
  out.between = now.between, out.within = now.within;
  if (!now.within)
    out.notes.emplace_back(
        "no problem has two samples: what more samples of one would bring is not known");
  const double here = static_cast<double>(parts.size());
  if (now.within) {
    out.width_without_end = width_with(now, here, std::nullopt, options.level);
    out.samples_here = least(kPlannedProblemsMax, options.width, [&](double samples) {
      return samples < 1 ? INFINITY : width_with(now, here, samples, options.level);
    });
  }
  const BootstrapOptions bootstrap = {
      .replicates = kReplicates, .seed = options.seed, .level = options.level, .threads = 1};
  const Resamples resamples = resample_problems(parts.size(), bootstrap, counts.dataset);
  std::vector<Components> replicates;
  for (std::size_t r = 0; r < resamples.replicates; ++r) {
    std::vector<Parts> drawn;
    for (std::size_t p = 0; p < parts.size(); ++p)
      drawn.insert(drawn.end(), resamples.weight[r * parts.size() + p], parts[p]);
    Components one = components(drawn, options.level);
    if (one.now.basis) replicates.push_back(std::move(one));
  }
  for (const int samples : options.samples) {
    if (!now.within && samples != 1) continue;
    PlanRow row;
    row.samples = samples;
    row.width = width_with(now, here, samples, options.level);
    row.problems = problems_for(now, samples, options);
    std::vector<double> needed;
    for (const Components& one : replicates)
      if (const auto problems = problems_for(one, samples, options))
        needed.push_back(real(*problems));
    if (row.problems && 10 * needed.size() >= 9 * resamples.replicates)
      row.interval = percentile_interval(needed, options.level);
    out.rows.push_back(row);
  }
  return out;
}

}  // namespace assay::stats
