// What a policy and a verifier ask of a model of tokens: read these, and say what comes next.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "harness/models/tokenizer.h"

namespace assay::models {

/// A token that was read, and through `before` all that were read before it. Texts that begin alike
/// share what they begin with, so that a fork costs nothing. Never changed once it was read.
struct Past {
  std::shared_ptr<const Past> before;
  std::int32_t token = 0;
  std::int32_t length = 0;  ///< tokens up to this one
  std::vector<float> kept;  ///< what the model wants to see again: keys and values
};

/// A token behind `before`, to be read.
inline std::shared_ptr<Past> behind(std::shared_ptr<const Past> before, std::int32_t token) {
  auto past = std::make_shared<Past>();
  past->length = (before ? before->length : 0) + 1;
  past->before = std::move(before);
  past->token = token;
  return past;
}

/// Thread-safe: a model does not change.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  virtual const Tokenizer& tokenizer() const = 0;
  virtual std::int32_t context() const = 0;
  /// Reads tokens; what stands before one of them was read or stands before it in `tokens`. With
  /// `logits`: the unnormalised log-probabilities of what comes behind each, [tokens][vocabulary].
  virtual void read(std::span<const std::shared_ptr<Past>> tokens,
                    std::vector<float>* logits) const = 0;
};

/// The tokens one behind the other, to be read in one call.
std::vector<std::shared_ptr<Past>> chain(std::shared_ptr<const Past> before,
                                         std::span<const std::int32_t> tokens);

/// Log-probabilities of logits, at temperature 1.
std::vector<double> log_softmax(std::span<const float> logits);

}  // namespace assay::models
