// The small GPT at work: reads tokens with what it kept of those before them, says what comes next.
// In plain numbers, without libtorch, which trains it (model_room.h): a program that only samples
// starts at once, and a row of a batch comes out the same to the last bit whatever else is in the
// batch. Throws nothing. Immutable; thread-safe; every call runs on the caller's thread alone.
#pragma once

#include "harness/models/kernels.h"
#include "harness/models/token_model.h"
#include "harness/models/weights.h"

namespace assay::models {

class Gpt final : public TokenModel {
 public:
  explicit Gpt(const Model& model);

  const Config& config() const { return config_; }
  const Tokenizer& tokenizer() const override { return *tokenizer_; }
  std::int32_t context() const override { return config_.context; }
  void read(std::span<const std::shared_ptr<Past>> tokens,
            std::vector<float>* logits) const override;
  /// Reads them and gives the value head's log odds of each. REQUIRES: config().value.
  std::vector<double> values(std::span<const std::shared_ptr<Past>> tokens) const;

 private:
  struct Layer {
    std::vector<float> attention_norm, feed_norm;
    Matrix query_key_value, attention_out, gate_up, down;
  };
  /// The vectors behind the last norm, [tokens][dim].
  std::vector<float> hidden(std::span<const std::shared_ptr<Past>> tokens) const;
  void rotate(float* vector, int heads, int position) const;

  Config config_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<float> embedding_, final_norm_, value_;
  std::vector<Layer> layers_;
  Matrix head_;
  std::vector<float> cosines_, sines_;  ///< [context][head_dim / 2]
};

}  // namespace assay::models
