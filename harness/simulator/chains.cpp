#include "harness/simulator/chains.h"

#include <cmath>

#include "harness/base/error.h"

namespace assay::simulator {

std::vector<std::vector<double>> run_chains(const LogDensity& target,
                                            std::vector<std::vector<double>> starts, int count,
                                            const ChainOptions& options, RandomStream& random) {
  ASSAY_INVARIANT(starts.size() >= 4);
  std::vector<std::vector<double>>& at = starts;
  const std::size_t size = at.front().size();
  std::vector<double> value;
  for (const auto& x : at) value.push_back(target(x));
  const double usual = 2.38 / std::sqrt(2.0 * static_cast<double>(size));
  constexpr double kNoise = 1e-4;  // leaves the plane that the chains span
  std::vector<double> y(size);
  const auto other = [&](std::size_t a, std::size_t b) {
    for (;;) {
      const std::size_t i = random.below(static_cast<std::uint32_t>(at.size()));
      if (i != a && i != b) return i;
    }
  };
  const auto step = [&](std::size_t i, bool far) {
    const std::size_t a = other(i, i), b = other(i, a);
    const double factor = far ? 1 : usual * (0.5 + random.uniform());
    for (std::size_t j = 0; j < size; ++j)
      y[j] = at[i][j] + factor * (at[a][j] - at[b][j]) + kNoise * random.normal();
    const double proposed = target(y);
    // A start outside the density accepts whatever is inside.
    if (!(std::log(random.uniform()) < proposed - value[i]) &&
        (std::isfinite(value[i]) || !std::isfinite(proposed)))
      return;
    at[i] = y, value[i] = proposed;
  };
  std::vector<std::vector<double>> out;
  for (int turn = 0; static_cast<int>(out.size()) < count; ++turn) {
    const int steps = turn == 0 ? options.warm_up : options.every;
    for (int s = 0; s < steps; ++s)  // every tenth step may jump from hump to hump
      for (std::size_t i = 0; i < at.size(); ++i) step(i, s % 10 == 9);
    for (std::size_t i = 0; i < at.size() && static_cast<int>(out.size()) < count; ++i)
      if (std::isfinite(value[i])) out.push_back(at[i]);
    ASSAY_INVARIANT(!out.empty());
  }
  return out;
}

}  // namespace assay::simulator
