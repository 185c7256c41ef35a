#include "harness/stats/paired_sums.h"

#include <limits>
#include <utility>

namespace assay::stats {
namespace {

std::vector<double> inverse(std::span<const double> drawn) {
  std::vector<double> out;
  out.reserve(drawn.size());
  for (const double problems : drawn)
    out.push_back(problems > 0 ? 1 / problems : std::numeric_limits<double>::quiet_NaN());
  return out;
}

}  // namespace

double accuracy(const Counts& counts) {
  return static_cast<double>(counts.correct()) / static_cast<double>(counts.n());
}

PairedSums::PairedSums(std::vector<Covering> quantities, const Resamples& resamples, int threads)
    : resamples_(resamples), quantities_(std::move(quantities)), weights_(resamples.problems) {
  for (const Covering& quantity : quantities_)
    columns_.add(quantity.value), columns_.add(quantity.covered);
  columns_.sum(resamples, threads);
  for (const Covering& quantity : quantities_) {
    tops_.push_back(columns_.sums(quantity.value));
    drawn_.push_back(columns_.sums(quantity.covered));
  }
}

const PairedSums::Cover& PairedSums::cover_of(std::size_t a, std::size_t b) {
  const auto [at, is_new] = covers_.try_emplace({drawn_[a].data(), drawn_[b].data()});
  Cover& out = at->second;
  if (!is_new) return out;
  const std::vector<double>&in_a = quantities_[a].covered, &in_b = quantities_[b].covered;
  std::vector<double> drawn(drawn_[a].begin(), drawn_[a].end());
  for (std::size_t p = 0; p < in_a.size(); ++p) {
    if (in_a[p] == in_b[p]) continue;
    out.differs.push_back(p);
    const std::vector<double>& weight = weights_of(p);
    for (std::size_t r = 0; r < drawn.size(); ++r) drawn[r] -= weight[r] * in_a[p];
  }
  out.each = inverse(drawn);
  return out;
}

std::vector<double> PairedSums::on_both(std::size_t a, std::size_t b,
                                        const std::vector<std::size_t>& differs) {
  std::vector<double> top(resamples_.replicates);
  for (std::size_t r = 0; r < top.size(); ++r) top[r] = tops_[a][r] - tops_[b][r];
  for (const std::size_t p : differs) {
    const double difference = quantities_[a].value[p] - quantities_[b].value[p];
    if (difference == 0) continue;
    const std::vector<double>& weight = weights_of(p);
    for (std::size_t r = 0; r < top.size(); ++r) top[r] -= weight[r] * difference;
  }
  return top;
}

const std::vector<double>& PairedSums::weights_of(std::size_t problem) {
  std::vector<double>& out = weights_[problem];
  if (out.empty())
    for (std::size_t r = 0; r < resamples_.replicates; ++r)
      out.push_back(resamples_.weight[r * resamples_.problems + problem]);
  return out;
}

}  // namespace assay::stats
