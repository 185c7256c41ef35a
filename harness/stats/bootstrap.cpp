#include "harness/stats/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <mutex>
#include <string>
#include <tuple>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/parallel.h"

// One build serves every x86-64; the sanitizers cannot run before ifunc resolvers do.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(ASSAY_SANITIZED)
#define ASSAY_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define ASSAY_VECTOR_CLONES
#endif

namespace assay::stats {
namespace {

constexpr std::size_t kPanel = 8;  // columns computed at once: two vectors of four doubles
constexpr std::size_t kRows = 4;   // replicates computed at once: 8 accumulators hide the latency

using Vector = double __attribute__((vector_size(4 * sizeof(double))));
using Unaligned = double __attribute__((vector_size(4 * sizeof(double)), aligned(8), may_alias));

/// Four replicates of one panel: weights [problems][4], values [problems][8] -> out [8][stride].
ASSAY_VECTOR_CLONES void multiply_panel(const double* weights, const double* values,
                                        std::size_t problems, double* out, std::size_t stride,
                                        std::size_t columns, std::size_t rows) {
  Vector sum[kRows][2] = {};
  for (std::size_t p = 0; p < problems; ++p) {
    const Vector first = *reinterpret_cast<const Unaligned*>(values + p * kPanel);
    const Vector second = *reinterpret_cast<const Unaligned*>(values + p * kPanel + 4);
    for (std::size_t i = 0; i < kRows; ++i) {
      const double w = weights[p * kRows + i];
      sum[i][0] += w * first;
      sum[i][1] += w * second;
    }
  }
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < rows; ++i) out[c * stride + i] = sum[i][c / 4][c % 4];
}

/// Weights of replicates r .. r+3 as doubles, problem by problem; missing rows are zero.
ASSAY_VECTOR_CLONES void unpack_weights(const Resamples& resamples, std::size_t r,
                                        double* weights) {
  const std::size_t problems = resamples.problems;
  const std::size_t rows = std::min(kRows, resamples.replicates - r);
  const std::uint16_t* row = resamples.weight.data() + r * problems;
  if (rows == kRows) {
    for (std::size_t p = 0; p < problems; ++p)
      for (std::size_t i = 0; i < kRows; ++i) weights[p * kRows + i] = row[i * problems + p];
    return;
  }
  for (std::size_t p = 0; p < problems; ++p)
    for (std::size_t i = 0; i < kRows; ++i)
      weights[p * kRows + i] = i < rows ? row[i * problems + p] : 0;
}

/// x [problems][columns] as panels [panel][problem][8], the last one padded with zeros.
std::vector<double> pack_panels(std::span<const double> x, std::size_t problems,
                                std::size_t columns) {
  const std::size_t panels = (columns + kPanel - 1) / kPanel;
  std::vector<double> packed(panels * problems * kPanel);
  for (std::size_t p = 0; p < problems; ++p)
    for (std::size_t c = 0; c < columns; ++c)
      packed[(c / kPanel * problems + p) * kPanel + c % kPanel] = x[p * columns + c];
  return packed;
}

}  // namespace

void check(const BootstrapOptions& options) {
  if (options.replicates < 100 || options.replicates > 10'000'000)
    throw Error(fmt::format("the number of bootstrap replicates is {}; use 100 to 10000000",
                            options.replicates));
  if (!(options.level > 0.5 && options.level < 1))
    throw Error(fmt::format("the confidence level is {}; use a number above 0.5 and below 1",
                            options.level));
}

namespace {

Resamples draw(std::size_t problems, const BootstrapOptions& options, std::string_view stream) {
  Resamples out{static_cast<std::size_t>(options.replicates), problems, {}};
  out.weight.assign(out.replicates * problems, 0);
  RandomStream random(options.seed, stream);
  for (std::size_t r = 0; r < out.replicates; ++r) {
    std::uint16_t* row = out.weight.data() + r * problems;
    for (std::size_t i = 0; i < problems; ++i)
      ++row[random.below(static_cast<std::uint32_t>(problems))];
  }
  return out;
}

/// The last draws: every table of a report and every model of a dataset asks for the same ones.
class Drawn {
 public:
  Resamples get(std::size_t problems, const BootstrapOptions& options, std::string_view stream) {
    const std::lock_guard lock(mutex_);
    const Key key{problems, options.replicates, options.seed, std::string(stream)};
    for (const auto& [known, resamples] : kept_)
      if (known == key) return resamples;
    if (kept_.size() == kKept) kept_.erase(kept_.begin());
    return kept_.emplace_back(key, draw(problems, options, stream)).second;
  }

 private:
  static constexpr std::size_t kKept = 2;
  using Key = std::tuple<std::size_t, int, std::uint64_t, std::string>;
  std::mutex mutex_;
  std::vector<std::pair<Key, Resamples>> kept_;
};

}  // namespace

Resamples resample_problems(std::size_t problems, const BootstrapOptions& options,
                            std::string_view stream) {
  check(options);
  static Drawn drawn;
  return drawn.get(problems, options, stream);
}

std::vector<double> weighted_sums(const Resamples& resamples, std::span<const double> x,
                                  std::size_t columns, int threads) {
  const std::size_t problems = resamples.problems, replicates = resamples.replicates;
  ASSAY_INVARIANT(x.size() == problems * columns);
  const std::vector<double> packed = pack_panels(x, problems, columns);
  std::vector<double> sums(columns * replicates);
  constexpr std::size_t kBlock = 128;  // replicates a thread takes at once
  const std::size_t blocks = (replicates + kBlock - 1) / kBlock;
  parallel_for(blocks, threads, [&](std::size_t block) {
    std::vector<double> weights(problems * kRows);
    const std::size_t end = std::min(replicates, (block + 1) * kBlock);
    for (std::size_t r = block * kBlock; r < end; r += kRows) {
      unpack_weights(resamples, r, weights.data());
      for (std::size_t c = 0; c < columns; c += kPanel)
        multiply_panel(weights.data(), packed.data() + c * problems, problems,
                       sums.data() + c * replicates + r, replicates, std::min(kPanel, columns - c),
                       std::min(kRows, end - r));
    }
  });
  return sums;
}

void Columns::sum(const Resamples& resamples, int threads) {
  const std::size_t columns = place_.size();
  std::vector<double> x(resamples.problems * columns);
  for (const auto& [column, c] : place_) {
    ASSAY_INVARIANT(column.size() == resamples.problems);
    for (std::size_t p = 0; p < resamples.problems; ++p) x[p * columns + c] = column[p];
  }
  sums_ = weighted_sums(resamples, x, columns, threads);
  replicates_ = resamples.replicates;
}

std::span<const double> Columns::sums(const std::vector<double>& column) const {
  return std::span(sums_).subspan(place_.at(column) * replicates_, replicates_);
}

namespace {

/// At least the first `count` of values as `before` orders them, usually few more.
template <typename Before>
std::vector<double> first_ones(std::span<const double> values, std::size_t count, Before before) {
  constexpr std::size_t kProbes = 256, kSpare = 8;
  std::vector<double> out(values.begin(), values.end());
  if (values.size() < 8 * kProbes || 4 * count > values.size()) return out;
  std::array<double, kProbes> probes;
  for (std::size_t i = 0; i < kProbes; ++i) probes[i] = values[i * values.size() / kProbes];
  const auto bound = probes.begin() + 2 * count * kProbes / values.size() + kSpare;
  std::nth_element(probes.begin(), bound, probes.end(), before);
  std::size_t kept = 0;
  for (const double v : values) {
    out[kept] = v;
    kept += before(*bound, v) ? 0 : 1;
  }
  if (kept < count)
    out.assign(values.begin(), values.end());
  else
    out.resize(kept);
  return out;
}

/// The value of that rank, counted from 0, and the one after it.
template <typename Before>
std::pair<double, double> ranked(std::span<const double> values, std::size_t rank, Before before) {
  std::vector<double> some = first_ones(values, rank + 2, before);
  const auto at = some.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(some.begin(), at, some.end(), before);
  return {*at, *std::min_element(at + 1, some.end(), before)};
}

}  // namespace

Interval percentile_interval(std::span<const double> values, double level) {
  ASSAY_INVARIANT(!values.empty());
  if (values.size() == 1) return {values[0], values[0]};
  const std::size_t last = values.size() - 1;
  const auto place = [&](double probability) {
    const double at = probability * static_cast<double>(last);
    const std::size_t below = std::min(static_cast<std::size_t>(at), last - 1);
    return std::pair(below, at - static_cast<double>(below));
  };
  const auto [lo_rank, lo_part] = place((1 - level) / 2);
  const auto [hi_rank, hi_part] = place((1 + level) / 2);
  const auto lo = ranked(values, lo_rank, std::less<>());
  const auto hi = ranked(values, last - 1 - hi_rank, std::greater<>());
  return {lo.first + lo_part * (lo.second - lo.first),
          hi.second + hi_part * (hi.first - hi.second)};
}

std::vector<Interval> percentile_intervals(std::span<const double> values, std::size_t length,
                                           double level, int threads) {
  std::vector<Interval> out(values.size() / length);
  parallel_for(out.size(), threads, [&](std::size_t i) {
    out[i] = percentile_interval(values.subspan(i * length, length), level);
  });
  return out;
}

}  // namespace assay::stats
