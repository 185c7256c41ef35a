#include "harness/train/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "harness/base/error.h"
#include "harness/base/json_text.h"
#include "harness/base/words.h"
#include "harness/search/weights.h"

namespace assay::train {

using nlohmann::json;

namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();
constexpr double kLogRewardMax = 1e5;  ///< single precision still tells units apart there

std::string shown(const std::string& sequence) {
  return sequence.empty() ? "the empty sequence" : "sequence " + sequence;
}

/// JSON in which no key stands twice: of two rewards nobody knows which is meant.
int whole(const json& root, const char* key, int least, int most, const std::string& source) {
  const auto found = root.find(key);
  if (found == root.end() || !found->is_number_integer() || *found < least || *found > most)
    throw Error(
        fmt::format("{}: `{}` must be a whole number from {} to {}", source, key, least, most));
  return found->get<int>();
}

std::size_t node_of(const std::string& key, const Space& space, const std::string& where) {
  const std::vector<std::string> parts = split(key, ',');
  if (parts.size() > static_cast<std::size_t>(space.length_max))
    throw Error(fmt::format("{}: it has {} symbols; `length_max` is {}", where, parts.size(),
                            space.length_max));
  std::size_t node = 0;
  for (const std::string& part : parts) {
    const bool digits = !part.empty() && part.size() < 6 &&
                        part.find_first_not_of("0123456789") == part.npos &&
                        (part.size() == 1 || part[0] != '0');
    if (!digits || std::stoi(part) >= space.symbols)
      throw Error(fmt::format("{}: it is not made of symbols from 0 to {}, joined by commas", where,
                              space.symbols - 1));
    node = space.child(node, std::stoi(part));
  }
  return node;
}

/// Numbers from 0 to 1 of sequences, 0 where there is none.
std::vector<double> shares(const json& root, const char* key, const Space& space,
                           const std::string& source) {
  const auto rows = root.find(key);
  if (rows == root.end()) return {};
  if (!rows->is_object()) throw Error(fmt::format("{}: `{}` must be an object", source, key));
  std::vector<double> out(space.size());
  for (const auto& [sequence, value] : rows->items()) {
    const std::string where = fmt::format("{}: `{}`, {}", source, key, shown(sequence));
    double& into = out[node_of(sequence, space, where)];
    if (value.is_boolean())
      into = value.get<bool>();
    else if (value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 1)
      into = value.get<double>();
    else
      throw Error(fmt::format("{}: it must be a number from 0 to 1", where));
  }
  return out;
}

void check_keys(const json& root, const std::string& source) {
  static const std::set<std::string> known = {"symbols",    "length_max", "length_min",
                                              "log_reward", "accepted",   "truth"};
  for (const auto& [key, value] : root.items())
    if (!known.contains(key))
      throw Error(fmt::format("{}: there is no key `{}`; there is {}", source, key,
                              fmt::join(known, ", ")));
}

void read_rewards(const json& rows, int length_min, Target& target, const std::string& source) {
  std::vector<bool> seen(target.space.size());
  for (const auto& [sequence, value] : rows.items()) {
    const std::string where = fmt::format("{}: `log_reward`, {}", source, shown(sequence));
    const std::size_t node = node_of(sequence, target.space, where);
    seen[node] = true;
    if (value.is_null()) continue;
    if (target.space.sequence(node).size() < static_cast<std::size_t>(length_min))
      throw Error(fmt::format("{}: it is shorter than `length_min`, {}, and must be null", where,
                              length_min));
    if (!value.is_number() || !(std::abs(value.get<double>()) <= kLogRewardMax))
      throw Error(
          fmt::format("{}: it must be a number from {:.0f} to {:.0f}, or null for no reward", where,
                      -kLogRewardMax, kLogRewardMax));
    target.log_reward[node] = value.get<double>();
  }
  for (std::size_t node = 0; node < seen.size(); ++node) {
    const auto sequence = target.space.sequence(node);
    if (seen[node] || sequence.size() < static_cast<std::size_t>(length_min)) continue;
    throw Error(fmt::format("{}: `log_reward` has none of {} (null is no reward)", source,
                            shown(fmt::format("{}", fmt::join(sequence, ",")))));
  }
}

double mass(const std::vector<double>& p, const std::vector<double>& share) {
  double sum = 0;
  for (std::size_t node = 0; node < p.size(); ++node) sum += p[node] * share[node];
  return sum;
}

double entropy_of(const std::vector<double>& p) {
  double sum = 0;
  for (const double x : p) sum -= x > 0 ? x * std::log(x) : 0;
  return sum;
}

/// The likeliest first, of equals the shorter.
std::vector<std::size_t> modes_of(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  constexpr double kRounding = 1e-9;
  double held = 0;
  std::size_t modes = 0;
  while (modes < order.size() && held < kModesMass - kRounding) held += p[order[modes++]];
  order.resize(modes);
  return order;
}

}  // namespace

std::size_t Space::inner() const {
  std::size_t nodes = 0;
  for (int length = 0; length < length_max; ++length)
    nodes = nodes * static_cast<std::size_t>(symbols) + 1;
  return nodes;
}

std::size_t Space::size() const { return inner() * static_cast<std::size_t>(symbols) + 1; }

std::vector<std::int32_t> Space::sequence(std::size_t node) const {
  std::vector<std::int32_t> out;
  const auto count = static_cast<std::size_t>(symbols);
  for (; node > 0; node = (node - 1) / count)
    out.push_back(static_cast<std::int32_t>((node - 1) % count));
  std::reverse(out.begin(), out.end());
  return out;
}

Target parse_target(const std::string& text, const std::string& source) {
  const json root = json_of(text, source);
  if (!root.is_object())
    throw Error(
        fmt::format("{}: it must be an object with `symbols`, `length_max` and "
                    "`log_reward`",
                    source));
  check_keys(root, source);
  Target target;
  target.space.symbols = whole(root, "symbols", 1, 4096, source);
  target.space.length_max = whole(root, "length_max", 1, 1000, source);
  const int length_min = root.contains("length_min")
                             ? whole(root, "length_min", 0, target.space.length_max, source)
                             : 0;
  double nodes = 1;
  for (int i = 0; i < target.space.length_max && nodes <= kNodesMax; ++i)
    nodes = nodes * target.space.symbols + 1;
  if (nodes > kNodesMax)
    throw Error(
        fmt::format("{}: there are more than {} sequences of {} symbols up to length {}, "
                    "too many to be counted out",
                    source, kNodesMax, target.space.symbols, target.space.length_max));
  if (!root.contains("log_reward") || !root["log_reward"].is_object())
    throw Error(fmt::format("{}: `log_reward` must be an object", source));
  target.log_reward.assign(target.space.size(), kNone);
  read_rewards(root["log_reward"], length_min, target, source);
  if (!alive(target)[0])
    throw Error(
        fmt::format("{}: `log_reward` is null throughout: there is nothing to learn", source));
  target.accepted = shares(root, "accepted", target.space, source);
  target.truth = shares(root, "truth", target.space, source);
  return target;
}

std::vector<bool> alive(const Target& target) {
  const Space& space = target.space;
  std::vector<bool> out(space.size());
  for (std::size_t node = space.size(); node-- > 0;) {
    out[node] = target.log_reward[node] != kNone;
    for (int s = 0; !out[node] && node < space.inner() && s < space.symbols; ++s)
      out[node] = out[space.child(node, s)];
  }
  return out;
}

std::vector<double> log_posterior(const Target& target, double temperature) {
  std::vector<double> out;
  for (const double reward : target.log_reward) out.push_back(reward / temperature);
  const double sum = search::log_sum_exp(out);
  for (double& x : out) x -= sum;
  return out;
}

Fit fit_of(const Target& target, const std::vector<double>& log_q, double temperature) {
  const std::vector<double> log_p = log_posterior(target, temperature);
  std::vector<double> p, q, accepted = target.accepted;
  Fit fit;
  for (std::size_t node = 0; node < log_p.size(); ++node) {
    p.push_back(std::exp(log_p[node]));
    q.push_back(std::exp(log_q[node]));
    if (p[node] > 0) fit.kl += p[node] * (log_p[node] - log_q[node]);
    fit.tv += std::abs(p[node] - q[node]) / 2;
    if (target.accepted.empty()) accepted.push_back(target.log_reward[node] != kNone);
  }
  fit.entropy = entropy_of(q), fit.target_entropy = entropy_of(p);
  // Sums of shares come a little above 1.
  fit.legal = std::min(1., mass(q, accepted)), fit.target_legal = std::min(1., mass(p, accepted));
  for (const std::size_t mode : modes_of(p)) ++fit.modes, fit.modes_found += q[mode] >= p[mode] / 2;
  if (target.truth.empty()) return fit;
  std::vector<double> right, wrong, deceiving;
  for (std::size_t node = 0; node < p.size(); ++node) {
    right.push_back(accepted[node] * target.truth[node]);
    wrong.push_back(1 - target.truth[node]);
    deceiving.push_back(accepted[node] * wrong.back());
  }
  if (fit.legal > 0) fit.purity = mass(q, right) / fit.legal;
  if (fit.target_legal > 0) fit.target_purity = mass(p, right) / fit.target_legal;
  if (const double all = mass(q, wrong); all > 0) fit.fpr = mass(q, deceiving) / all;
  if (const double all = mass(p, wrong); all > 0) fit.target_fpr = mass(p, deceiving) / all;
  return fit;
}

}  // namespace assay::train
