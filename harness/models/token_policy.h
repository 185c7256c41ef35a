// A model of tokens as a policy: steps drawn token by token, a batch of prefixes at once, each from
// what its own prefix has kept, so that a fork costs nothing.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "harness/models/token_model.h"
#include "harness/search/policy.h"

namespace assay::models {

/// A step ends behind the token that brings the rule's delimiter, at the rule's most tokens, at the
/// token that ends a text, where the text so far is a whole answer, and at the end of what the model
/// can read (Finish::cut, as is an answer of the most steps that is none). A prompt that is too long
/// for the model gives `refused`.
///
/// What the problem's tool says behind a token is put in before the step goes on or ends: it is part of the
/// step's text and tokens, and the policy reads it, but neither log p nor `tokens_out` counts it. The tool
/// is not asked behind what it has put in itself.
///
/// Node::log_probability is that of the step's tokens under the model as it is, at temperature 1 and
/// without top_p, whatever they were drawn at: it says how likely the model holds the step, and two
/// samplings can be compared by it. Node::log_drawn is of the distribution that they are drawn from. A
/// given step must end where this policy ends it, and have what the tool says. Throws Error where a prompt,
/// or what the tool says, holds what the model has no token for. Thread-safe.
class TokenPolicy final : public search::Policy {
 public:
  TokenPolicy(std::shared_ptr<const TokenModel> model, search::StepRule step,
              search::Sampling sampling)
      : model_(std::move(model)), step_(std::move(step)), sampling_(sampling) {}

  search::Capabilities capabilities() const override { return {true, true, true, 256, true}; }
  search::Prefix open(const search::Problem& problem) override;
  std::vector<search::Prefix> extend(std::span<search::Ask> asks) override;

  const TokenModel& model() const { return *model_; }

 private:
  struct Growing;
  void look_at(Growing& row, bool own) const;
  bool ends(const Growing& row) const;
  search::Prefix grown(Growing& row) const;

  std::shared_ptr<const TokenModel> model_;
  search::StepRule step_;
  search::Sampling sampling_;
};

/// The tokens of a prefix's last step, or of the prompt. None where the model lacks one.
std::optional<std::vector<std::int32_t>> step_tokens(const Tokenizer& tokenizer,
                                                     const search::Problem& problem,
                                                     const search::Node& prefix);

/// A token by its logits: the most probable (the first of equals), or a draw, which takes one number
/// of the stream. REQUIRES: temperature above 0.
std::int32_t drawn_token(std::span<const float> logits, const search::Sampling& sampling,
                         bool greedy, RandomStream& stream);
/// With which probability a draw takes `token`, as a logarithm.
double log_drawn(std::span<const float> logits, const search::Sampling& sampling,
                 std::int32_t token);

}  // namespace assay::models
