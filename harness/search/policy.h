// Who proposes steps. One implementation each for an explicit table, a hosted GPT, a TorchScript
// module and an endpoint; a strategy knows only this.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/search/prefix.h"

namespace assay::search {

/// What a policy can do, which decides the strategies that it can serve.
struct Capabilities {
  bool steps = true;                   ///< it goes on from any prefix; else whole answers only
  bool exact_log_probability = false;  ///< it tells log p of each step
  bool seeded = true;                  ///< the same stream gives the same step
  std::size_t batch_max = 1;           ///< prefixes that are best extended in one call
  bool follows = false;                ///< it takes an Ask::given and tells Node::log_drawn
};

/// One step is asked for behind `prefix`, drawn from `stream`; `greedy` asks for the most probable one.
/// A step that is `given`, another policy's with the same tokens, is not drawn but written as it stands;
/// what this policy never draws comes back as `refused`.
struct Ask {
  Prefix prefix;
  RandomStream stream;
  bool greedy = false;
  const Node* given = nullptr;
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual Capabilities capabilities() const = 0;
  virtual Prefix open(const Problem& problem) = 0;
  /// The next step behind each, in order: one call is one batch. What cannot be had comes back as
  /// `refused`. Throws assay::Error where the policy itself fails.
  virtual std::vector<Prefix> extend(std::span<Ask> asks) = 0;
};

}  // namespace assay::search
