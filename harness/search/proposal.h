// Steps drawn from one policy and weighed by another, so that a particle filter can draw from a sampler
// q that was trained and still tend to the policy's p times the verifier's factors.
#pragma once

#include "harness/search/policy.h"

namespace assay::search {

/// Each step is drawn by `proposal` and carries log p/q of itself alone (Node::log_ratio), as both draw
/// it: p at the policy's temperature and from its nucleus, q at the proposal's. What the policy never
/// writes is `refused`, which weighs nothing; how an answer ends is for the policy to say.
///
/// What q never draws no weight can bring back: that is the caller's to check. Thread-safe where both
/// are; both must outlive it, and the tokens of both must be the same. Throws assay::Error where one of
/// them cannot tell how likely it draws a step.
class Proposed final : public Policy {
 public:
  Proposed(Policy& policy, Policy& proposal);
  Capabilities capabilities() const override;
  Prefix open(const Problem& problem) override;
  std::vector<Prefix> extend(std::span<Ask> asks) override;

 private:
  Policy& policy_;
  Policy& proposal_;
};

}  // namespace assay::search
