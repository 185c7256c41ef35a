// What a policy of sequences shall learn: all sequences of symbols up to a length, with what each is
// worth, few enough to be counted out. So the distribution that it shall come to is known, and how far
// a policy is from it. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::train {

/// The tree of all sequences. A node is a sequence; 0 is the empty one, and shorter come first.
struct Space {
  int symbols = 0, length_max = 0;

  std::size_t size() const;   ///< nodes
  std::size_t inner() const;  ///< nodes shorter than length_max: the first so many
  std::size_t child(std::size_t node, int symbol) const {
    return node * static_cast<std::size_t>(symbols) + 1 + static_cast<std::size_t>(symbol);
  }
  std::vector<std::int32_t> sequence(std::size_t node) const;
};
inline constexpr std::size_t kNodesMax = 200'000;

struct Target {
  Space space;
  /// Of each node, of stopping there; minus infinity: nothing, and a policy must not stop there.
  std::vector<double> log_reward;
  /// What a verifier says of each node, and whether it is right; empty: that all are accepted which
  /// have a reward; that nobody knows.
  std::vector<double> accepted, truth;
};

/// {"symbols": 5, "length_max": 4, "log_reward": {"": -3.1, "0": -2.0, "0,3": ...}}, in which every
/// sequence must stand; null is no reward. Also "length_min" (shorter ones have no reward and need not
/// stand there), "accepted" and "truth" (0 to 1; absent: 0). Throws Error with `source` and the key.
Target parse_target(const std::string& json, const std::string& source);

/// Which nodes lead to a reward, their own or that of a longer sequence.
std::vector<bool> alive(const Target& target);

/// log of reward^(1/temperature) over its sum.
std::vector<double> log_posterior(const Target& target, double temperature = 1);

/// How far a policy is from the posterior. In nats.
struct Fit {
  double kl =
      0;  ///< from the posterior to the policy: infinite where this leaves out what has a reward
  double tv = 0;  ///< half the sum of the absolute differences
  double entropy = 0, target_entropy = 0;
  double legal = 0, target_legal = 0;  ///< mass on what is accepted
  /// Of that mass the share on what is right: P(right) / P(accepted). None where nobody knows, or
  /// nothing is accepted.
  std::optional<double> purity, target_purity;
  /// Of the mass on what is not right, the share on what is accepted all the same: the verifier's false
  /// positive rate on what is written. None where nobody knows, or nothing is wrong.
  std::optional<double> fpr, target_fpr;
  /// The modes are the fewest sequences that together hold kModesMass of the posterior; one is found
  /// where the policy gives it at least half of its posterior mass.
  std::size_t modes = 0, modes_found = 0;
};
inline constexpr double kModesMass = 0.9;
/// `log_q`: of each node, that a policy gives this sequence.
Fit fit_of(const Target& target, const std::vector<double>& log_q, double temperature = 1);

}  // namespace assay::train
